// What the room needs from the program around it, as plain values and functions.
//
// Every function may be called from any thread and must not block for long.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/rpc/status.h"

namespace jit::rpc {

// One target as the last sweep saw it.
struct TargetHealth {
  core::TargetName target;
  enum class Reach { kReached, kNotReached } reach = Reach::kNotReached;
  std::string detail;  // what is wrong, or empty
  absl::Time last_sweep_time;
  absl::Duration clock_skew;
  std::int64_t open_leases = 0;
  std::int64_t closing_leases = 0;
  absl::Duration oldest_closing;
};

struct BrokerStatus {
  std::string journal_fault;  // empty when the journal takes appends
  std::vector<TargetHealth> targets;
};

// How far a rehearsal or an execution is that this broker runs now, or has in its queue.
struct RunStand {
  enum class Run { kWaiting, kRehearsal, kExecution } run = Run::kWaiting;
  enum class Wish { kGoOn, kStop } wish = Wish::kGoOn;
  int statement = 0;  // the one that runs, from 1
  int statements = 0;
  std::int64_t rows = 0;
  absl::Duration elapsed;
  std::int64_t tick = 0;  // grows whenever anything but the time has changed
};

struct Hooks {
  std::string version;
  absl::Time start_time;
  std::string journal_verifier_key;  // C2SP verifier form of the key that signs checkpoints
  // A login of this target is to be taken away, or looked at: the sweeper should come at once.
  std::function<void(const core::TargetName&)> wake = [](const core::TargetName&) {};
  // Whether one more change can be run on this target; kUnavailable when too many wait already.
  std::function<absl::Status(const core::TargetName&)> room = [](const core::TargetName&) {
    return absl::OkStatus();
  };
  // A change of this target owes a rehearsal or an execution: somebody should run it now. Whoever
  // was told that there is room is taken.
  std::function<void(const core::TargetName&, const core::ChangeId&)> run =
      [](const core::TargetName&, const core::ChangeId&) {};
  // Asks a run to stop and roll back. Harmless when nothing runs.
  std::function<void(const core::ChangeId&)> cancel = [](const core::ChangeId&) {};
  // Nothing when this broker does not run the change.
  std::function<std::optional<RunStand>(const core::ChangeId&)> stand = [](const core::ChangeId&) {
    return std::optional<RunStand>();
  };
  std::function<BrokerStatus()> status = [] { return BrokerStatus(); };
  // Into the operator's log.
  FaultLog fault = [](const Fault&) {};
  std::function<void(absl::string_view)> tell = [](absl::string_view) {};
};

}  // namespace jit::rpc
