#include "broker/use_cases/shell.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/records/lease_events.h"

namespace jit::use_cases {

std::string PersonStream(const core::PersonId& person) {
  return absl::StrCat("person/", person.text());
}

absl::StatusOr<PolicyInForce> ReadPolicy(Ports& ports) {
  // The version first: a reload puts the new policy in force and then records it, so whoever
  // decided under the old policy either commits before that record or fails on this version.
  absl::StatusOr<std::int64_t> version = ports.journal.VersionOf(kPolicyStream);
  if (!version.ok()) return version.status();
  return PolicyInForce{ports.policy.Current(),
                       {kPolicyStream, *version, ports::Expectation::Then::kKeep}};
}

ports::LeaseSummary SummaryOf(const lease::Lease& lease, std::int64_t version) {
  const bool has_deadline = lease.state == lease::State::kOpening ||
                            lease.state == lease::State::kOpen ||
                            lease.state == lease::State::kClosing;
  return ports::LeaseSummary{
      .id = *lease.id,
      .version = version,
      .state = lease.state,
      .effect = lease::EffectOf(lease),
      .path = lease.path,
      .requester = *lease.requester,
      .target = *lease.target,
      .role = *lease.role,
      .request_time = lease.request_time,
      .next_deadline = lease::NextDeadline(lease),
      .expire_time = has_deadline ? std::optional(lease.expire_time) : std::nullopt,
      .debt_open = lease.debt_open,
  };
}

absl::StatusOr<SeenLease> AppendEvents(Ports& ports, const SeenLease& before,
                                       const std::vector<lease::Event>& events, const Also& also) {
  if (events.empty()) return before;
  SeenLease after = before;
  std::vector<ports::NewRecord> records;
  for (const lease::Event& event : events) {
    absl::StatusOr<records::EncodedEvent> encoded = records::Encode(event);
    if (!encoded.ok()) return encoded.status();
    records.push_back({encoded->type, encoded->body});
    after.lease = lease::Evolve(std::move(after.lease), event);
    ++after.version;
  }
  ports::Append append{.stream = records::StreamOf(*after.lease.id),
                       .expected_version = before.version,
                       .time = ports.time.Now(),
                       .records = std::move(records),
                       .expectations = also.expectations,
                       .summary = SummaryOf(after.lease, after.version),
                       .answer = also.answer};
  absl::StatusOr<std::int64_t> version = ports.journal.Commit(append);
  if (!version.ok()) return version.status();
  return after;
}

absl::StatusOr<SeenLease> Execute(Ports& ports, const core::LeaseId& id, const MakeCommand& make,
                                  const std::optional<ports::Answer>& answer) {
  return Insist([&]() -> absl::StatusOr<SeenLease> {
    absl::StatusOr<PolicyInForce> in_force = ReadPolicy(ports);
    if (!in_force.ok()) return in_force.status();
    absl::StatusOr<SeenLease> seen = LoadLease(ports, id);
    if (!seen.ok()) return seen.status();
    absl::StatusOr<lease::Command> command = make(*seen);
    if (!command.ok()) return command.status();
    absl::StatusOr<std::vector<lease::Event>> events =
        lease::Decide(seen->lease, *command, *in_force->policy, ports.time.Now());
    if (!events.ok()) return events.status();
    return AppendEvents(ports, *seen, *events, {{in_force->expectation}, answer});
  });
}

absl::StatusOr<std::optional<core::LeaseId>> FindEarlierAnswer(Ports& ports,
                                                               const ports::Answer& wanted) {
  absl::StatusOr<std::optional<ports::Answer>> found = ports.journal.FindAnswer(wanted.key);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return std::optional<core::LeaseId>();
  if ((*found)->fingerprint != wanted.fingerprint) {
    return core::Refuse(core::Reason::kIdempotencyIdReused,
                        "this idempotency id was used before, for something else; use a new one");
  }
  absl::StatusOr<core::LeaseId> id = core::LeaseId::Parse((*found)->result);
  if (!id.ok()) return absl::DataLossError("an answer in the journal does not name a lease");
  return std::optional<core::LeaseId>(*id);
}

}  // namespace jit::use_cases
