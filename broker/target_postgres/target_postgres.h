// Keeps ports/target.h on a real PostgreSQL, through the kit installed there.
//
// Promises: the broker's login is all it uses; every connection has proved that it leads to the
// pinned cluster; opening, closing, clearing and looking have connections of their own, so that
// none starves another. Safe from any thread. Reads no clock but the one it is given.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/ports/clock.h"
#include "broker/ports/target.h"
#include "broker/sync/mutex.h"
#include "broker/target_postgres/connection_pool.h"
#include "broker/target_postgres/lending.h"

namespace jit::target_postgres {

struct TargetOptions {
  explicit TargetOptions(core::TargetName target) : name(std::move(target)) {}

  core::TargetName name;
  std::string conninfo;  // of the broker's login, into the database leases are for
  // The cluster this has to be. Without it the first one seen is pinned while the process lives.
  std::optional<std::string> system_identifier;
  // What clients are told; without it, where the broker connects to.
  std::optional<ports::Address> address;
  int opening_connections = 8;
  // Beyond this machine only verified TLS is accepted, unless said otherwise.
  enum class Transport { kVerified, kAsGiven } transport = Transport::kVerified;
};

class TargetPostgres : public ports::Target {
 public:
  // Connects to nothing yet: a target may be down when the broker starts. `clock` outlives it.
  // kInvalidArgument: the conninfo is malformed, or leads elsewhere without sslmode=verify-full.
  static absl::StatusOr<std::unique_ptr<TargetPostgres>> Create(const TargetOptions& options,
                                                                ports::Clock& clock);

  const core::TargetName& name() const override { return options_.name; }
  ports::Address address() const override { return *options_.address; }
  absl::StatusOr<ports::Vitals> Measure() override;
  absl::Status OpenLogin(const ports::LoginOrder& order,
                         const credential::ScramVerifier& verifier) override;
  absl::StatusOr<std::vector<ports::OffOutcome>> TurnOff(
      const std::vector<core::LoginName>& logins) override;
  absl::StatusOr<std::vector<ports::RemoveOutcome>> Remove(
      const std::vector<core::LoginName>& logins) override;
  absl::Status Tidy() override;
  absl::StatusOr<ports::TargetState> Inspect() override;

 private:
  enum class Purpose { kOpening, kClosing };

  TargetPostgres(TargetOptions options, ports::Clock& clock);

  absl::StatusOr<std::unique_ptr<pq::Connection>> Dial(Purpose purpose);
  // A connection into another database of the same cluster, not pooled.
  absl::StatusOr<std::unique_ptr<pq::Connection>> DialElsewhere(const std::string& database);
  DialDatabase Elsewhere();
  absl::StatusOr<ports::Vitals> MeasureOn(pq::Connection& connection, Purpose purpose);
  absl::Status CheckPin(const std::string& system_identifier);
  std::string PinnedIdentifier();

  const TargetOptions options_;
  ports::Clock& clock_;
  ConnectionPool opening_;
  // Closing takes one of each, in this order, so that nobody waits for the second one for ever.
  ConnectionPool barring_;  // waits for locks that holders keep
  ConnectionPool ending_;   // ends the sessions that keep them
  ConnectionPool clearing_;
  ConnectionPool looking_;

  sync::Mutex mutex_;
  std::optional<std::string> pinned_ ABSL_GUARDED_BY(mutex_);
  std::optional<ports::Vitals> vitals_ ABSL_GUARDED_BY(mutex_);
  absl::Duration vitals_since_boot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jit::target_postgres
