// What a target shows against what the journal wants: the pure part of the sweep.
//
// Promises: names only roles that carry our mark; decides nothing on a difference that a change in
// flight can explain. Reads the journal, touches nothing. Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/lease/command.h"
#include "broker/use_cases/sweep.h"

namespace jit::use_cases {

struct Comparison {
  std::vector<core::LoginName> strays;                         // there, and no lease wants them
  std::vector<std::pair<core::LeaseId, std::string>> drifted;  // open, and not as ordered
  // Open by our clock, and past its deadline by the target's, which is the clock that counts for
  // VALID UNTIL: it happens when ours was set back and the broker started anew.
  std::vector<core::LeaseId> expired;
  std::vector<std::string> alarms;
};

// `looked`: our time just before the target was inspected. A difference in the verifier or a
// missing login has to be seen twice with the lease unchanged in between before it counts; `memory`
// holds the first sight.
Comparison CompareTarget(Ports& ports, const core::TargetName& target,
                         const ports::TargetState& state, absl::Time looked, SweepMemory& memory);

// What to record about an opening whose outcome is unknown: it is there as ordered, it is not
// there, or (nothing) the look does not tell.
std::optional<lease::Command> OutcomeOfOpening(const lease::Lease& lease,
                                               const ports::TargetState& state);

}  // namespace jit::use_cases
