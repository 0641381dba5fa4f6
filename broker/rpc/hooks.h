// What the room needs from the program around it, as plain values and functions.
//
// Every function may be called from any thread and must not block for long.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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

struct Hooks {
  std::string version;
  absl::Time start_time;
  std::string journal_verifier_key;  // C2SP verifier form of the key that signs checkpoints
  // A login of this target is to be taken away, or looked at: the sweeper should come at once.
  std::function<void(const core::TargetName&)> wake = [](const core::TargetName&) {};
  std::function<BrokerStatus()> status = [] { return BrokerStatus(); };
  // Into the operator's log.
  FaultLog fault = [](const Fault&) {};
  std::function<void(absl::string_view)> tell = [](absl::string_view) {};
};

}  // namespace jit::rpc
