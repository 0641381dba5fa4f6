// A broker that serves: every part of it, joined, started and taken down in the right order.
//
// Promises: what takes access away starts before anybody can ask for some, and stops after nobody
// can. A bad reload leaves what was in force in force and says so in the log.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/daemon/config.h"
#include "broker/daemon/log.h"
#include "broker/daemon/runner.h"
#include "broker/daemon/sweeper.h"
#include "broker/host/system_clock.h"
#include "broker/host/system_entropy.h"
#include "broker/host/worker_reader.h"
#include "broker/policy_files/policy_source.h"
#include "broker/ports/bench.h"
#include "broker/ports/journal.h"
#include "broker/ports/target.h"
#include "broker/rpc/server.h"
#include "broker/use_cases/ports.h"
#include "broker/use_cases/timekeeper.h"

namespace jit::daemon {

class Broker {
 public:
  // Serves when it answers OK. Targets may be away: their leases wait for them. Errors say which
  // file or address is no good. `log` outlives the broker.
  static absl::StatusOr<std::unique_ptr<Broker>> Start(const Config& config, Log& log);
  ~Broker();  // stops
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  int port() const { return server_->ports().front(); }
  const std::vector<core::TargetName>& targets() const { return names_; }
  std::string checkpoint_verifier() const { return verifier_; }

  // Reads policy, deny list and certificates again. What went wrong is in the log.
  void Reload();

  // Waits at most five seconds for calls that have begun, during which changes that run roll back,
  // then for what is left of them and for the pass that runs. Harmless to repeat.
  void Stop();

 private:
  explicit Broker(Log& log) : log_(log) {}
  absl::Status Open(const Config& config);
  absl::Status ServeAll(const Config& config);
  rpc::BrokerStatus Status();
  std::optional<rpc::RunStand> StandOf(const core::ChangeId& change);

  Log& log_;
  host::SystemClock clock_;
  host::SystemEntropy entropy_;
  std::string verifier_;
  std::vector<core::TargetName> names_;
  // In the order they need each other; destroyed from the last to the first.
  std::unique_ptr<ports::Journal> journal_;
  std::unique_ptr<policy_files::FilePolicySource> policy_;
  std::vector<std::unique_ptr<ports::Target>> targets_;
  std::vector<std::unique_ptr<ports::Bench>> benches_;
  std::unique_ptr<host::WorkerReader> reader_;
  std::unique_ptr<use_cases::Timekeeper> time_;
  std::unique_ptr<use_cases::Ports> ports_;
  std::unique_ptr<Sweeper> sweeper_;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace jit::daemon
