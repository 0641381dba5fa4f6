// The five lines around every decision: load, decide, append on the expected version, and again
// from the beginning when somebody was faster.
//
// Promises: a decision is appended only if everything it looked at still stood when it was
// appended: the lease, the policy in force, and what it was told about the person. Nothing is left
// behind when it fails. Safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/core/lease/command.h"
#include "broker/core/lease/event.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

// The streams beside the leases' own that decisions are conditional on.
constexpr char kPolicyStream[] = "broker/policy";
std::string PersonStream(const core::PersonId& person);

// The policy in force and the version of its stream, read in the order that makes an append which
// is conditional on the version conditional on the policy too (docs/design/lifecycle.md).
struct PolicyInForce {
  std::shared_ptr<const policy::Policy> policy;
  ports::Expectation expectation;
};
absl::StatusOr<PolicyInForce> ReadPolicy(Ports& ports);

struct Also {
  std::vector<ports::Expectation> expectations;
  std::optional<ports::Answer> answer;
};

// Appends events to a lease as it was seen. kAborted when it has moved on.
absl::StatusOr<SeenLease> AppendEvents(Ports& ports, const SeenLease& before,
                                       const std::vector<lease::Event>& events, const Also& also);

// Runs one attempt again from the beginning while somebody else is faster, twenty times at most.
template <class Attempt>
auto Insist(Attempt attempt) -> decltype(attempt()) {
  for (int tries = 1;; ++tries) {
    auto result = attempt();
    if (result.ok() || !absl::IsAborted(result.status()) || tries == 20) return result;
  }
}

// What a command is made of may depend on the lease as loaded, and on the policy in force.
using MakeCommand = std::function<absl::StatusOr<lease::Command>(const SeenLease&)>;

// Load, decide, append; insists. A decision without events answers with the lease as it stands.
absl::StatusOr<SeenLease> Execute(Ports& ports, const core::LeaseId& id, const MakeCommand& make,
                                  const std::optional<ports::Answer>& answer = std::nullopt);

// The summary row of a lease.
ports::LeaseSummary SummaryOf(const lease::Lease& lease, std::int64_t version);

// The answer given to this idempotency id before, when there was one. Refuses with
// kIdempotencyIdReused when it was given for other content.
absl::StatusOr<std::optional<core::LeaseId>> FindEarlierAnswer(Ports& ports,
                                                               const ports::Answer& wanted);

}  // namespace jit::use_cases
