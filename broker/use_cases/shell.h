// The five lines around every decision: load, decide, append on the expected version, and again
// from the beginning when somebody was faster.
//
// Promises: a decision is appended only if everything it looked at still stood when it was
// appended: the lease or change, the policy in force, and what it was told about the person.
// Nothing is left behind when it fails. The same for leases and for changes. Safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/core/change/command.h"
#include "broker/core/change/event.h"
#include "broker/core/lease/command.h"
#include "broker/core/lease/event.h"
#include "broker/use_cases/seen_change.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

// The streams beside the leases' and changes' own that decisions are conditional on.
constexpr char kPolicyStream[] = "broker/policy";
std::string PersonStream(const core::PersonId& person);
// Advanced by everything that takes back or destroys what this change did, so that no two do.
std::string SubjectStream(const core::ChangeId& subject);

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

// Appends events to a lease or a change as it was seen. kAborted when it has moved on.
absl::StatusOr<SeenLease> AppendEvents(Ports& ports, const SeenLease& before,
                                       const std::vector<lease::Event>& events, const Also& also);
absl::StatusOr<SeenChange> AppendEvents(Ports& ports, const SeenChange& before,
                                        const std::vector<change::Event>& events, const Also& also);

// Runs one attempt again from the beginning while somebody else is faster, twenty times at most.
template <class Attempt>
auto Insist(Attempt attempt) -> decltype(attempt()) {
  for (int tries = 1;; ++tries) {
    auto result = attempt();
    if (result.ok() || !absl::IsAborted(result.status()) || tries == 20) return result;
  }
}

// What a command is made of may depend on the lease or change as loaded, and on the policy in
// force.
using MakeCommand = std::function<absl::StatusOr<lease::Command>(const SeenLease&)>;
using MakeChangeCommand = std::function<absl::StatusOr<change::Command>(const SeenChange&)>;

// Load, decide, append; insists. A decision without events answers with what stands there.
absl::StatusOr<SeenLease> Execute(Ports& ports, const core::LeaseId& id, const MakeCommand& make,
                                  const std::optional<ports::Answer>& answer = std::nullopt);
absl::StatusOr<SeenChange> Execute(Ports& ports, const core::ChangeId& id,
                                   const MakeChangeCommand& make,
                                   const std::optional<ports::Answer>& answer = std::nullopt);

// The summary rows.
ports::LeaseSummary SummaryOf(const lease::Lease& lease, std::int64_t version);
ports::ChangeSummary SummaryOf(const change::Change& change, std::int64_t version);

// What will be remembered of an answer: whose, to which id, and to what content, so that the same
// id with other content is noticed.
ports::Answer AnswerTo(const core::PersonId& by, const core::IdempotencyId& id,
                       const std::vector<std::string>& content, std::string result);

// What was answered to this idempotency id before, when something was. Refuses with
// kIdempotencyIdReused when it was answered to other content.
absl::StatusOr<std::optional<std::string>> FindEarlierResult(Ports& ports,
                                                             const ports::Answer& wanted);

// The same, as the id of the lease or change that it names.
template <class Id>
absl::StatusOr<std::optional<Id>> FindEarlierAnswer(Ports& ports, const ports::Answer& wanted) {
  absl::StatusOr<std::optional<std::string>> result = FindEarlierResult(ports, wanted);
  if (!result.ok()) return result.status();
  if (!result->has_value()) return std::optional<Id>();
  absl::StatusOr<Id> id = Id::Parse(**result);
  if (!id.ok())
    return absl::DataLossError("an answer in the journal names neither lease nor change");
  return std::optional<Id>(*id);
}

// A new identity, for a lease or a change.
template <class Id>
Id NewId(Ports& ports) {
  typename Id::Bytes bytes;
  ports.entropy.Fill(bytes);
  return Id::FromBytes(bytes);
}

}  // namespace jit::use_cases
