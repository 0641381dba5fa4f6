#include "broker/use_cases/shell.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/ledger/merkle.h"
#include "broker/records/change_events.h"
#include "broker/records/lease_events.h"

namespace jit::use_cases {
namespace {

// What the shell has to know of one kind of aggregate; the lines around a decision are the same.
struct Leases {
  using Seen = SeenLease;
  using Event = lease::Event;
  static absl::StatusOr<SeenLease> Load(Ports& ports, const core::LeaseId& id) {
    return LoadLease(ports, id);
  }
  static lease::Lease& Of(SeenLease& seen) { return seen.lease; }
  static void PutSummary(const SeenLease& seen, ports::Append& append) {
    append.summary = SummaryOf(seen.lease, seen.version);
  }
};
struct Changes {
  using Seen = SeenChange;
  using Event = change::Event;
  static absl::StatusOr<SeenChange> Load(Ports& ports, const core::ChangeId& id) {
    return LoadChange(ports, id);
  }
  static change::Change& Of(SeenChange& seen) { return seen.change; }
  static void PutSummary(const SeenChange& seen, ports::Append& append) {
    append.change_summary = SummaryOf(seen.change, seen.version);
  }
};

template <class Kind>
absl::StatusOr<typename Kind::Seen> Append(Ports& ports, const typename Kind::Seen& before,
                                           const std::vector<typename Kind::Event>& events,
                                           const Also& also) {
  if (events.empty()) return before;
  typename Kind::Seen after = before;
  std::vector<ports::NewRecord> records;
  for (const typename Kind::Event& event : events) {
    absl::StatusOr<records::EncodedEvent> encoded = records::Encode(event);
    if (!encoded.ok()) return encoded.status();
    records.push_back({encoded->type, encoded->body});
    Kind::Of(after) = Evolve(std::move(Kind::Of(after)), event);
    ++after.version;
  }
  ports::Append append{.stream = records::StreamOf(*Kind::Of(after).id),
                       .expected_version = before.version,
                       .time = ports.time.Now(),
                       .records = std::move(records),
                       .expectations = also.expectations,
                       .answer = also.answer};
  Kind::PutSummary(after, append);
  absl::StatusOr<std::int64_t> version = ports.journal.Commit(append);
  if (!version.ok()) return version.status();
  return after;
}

template <class Kind, class Id, class Make>
absl::StatusOr<typename Kind::Seen> LoadDecideAppend(Ports& ports, const Id& id, const Make& make,
                                                     const std::optional<ports::Answer>& answer) {
  return Insist([&]() -> absl::StatusOr<typename Kind::Seen> {
    absl::StatusOr<PolicyInForce> in_force = ReadPolicy(ports);
    if (!in_force.ok()) return in_force.status();
    absl::StatusOr<typename Kind::Seen> seen = Kind::Load(ports, id);
    if (!seen.ok()) return seen.status();
    auto command = make(*seen);
    if (!command.ok()) return command.status();
    absl::StatusOr<std::vector<typename Kind::Event>> events =
        Decide(Kind::Of(*seen), *command, *in_force->policy, ports.time.Now());
    if (!events.ok()) return events.status();
    return Append<Kind>(ports, *seen, *events, {{in_force->expectation}, answer});
  });
}

}  // namespace

std::string PersonStream(const core::PersonId& person) {
  return absl::StrCat("person/", person.text());
}

std::string SubjectStream(const core::ChangeId& subject) {
  return absl::StrCat("change-subject/", subject.text());
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

ports::ChangeSummary SummaryOf(const change::Change& change, std::int64_t version) {
  return ports::ChangeSummary{
      .id = *change.id,
      .version = version,
      .state = change.state,
      .effect = change::EffectOf(change),
      .purpose = change.plan->purpose,
      .requester = change.plan->requester,
      .target = change.plan->target,
      .role = change.plan->role,
      .plan_time = change.plan_time,
      .next_deadline = change::NextDeadline(change),
  };
}

absl::StatusOr<SeenLease> AppendEvents(Ports& ports, const SeenLease& before,
                                       const std::vector<lease::Event>& events, const Also& also) {
  return Append<Leases>(ports, before, events, also);
}

absl::StatusOr<SeenChange> AppendEvents(Ports& ports, const SeenChange& before,
                                        const std::vector<change::Event>& events,
                                        const Also& also) {
  return Append<Changes>(ports, before, events, also);
}

absl::StatusOr<SeenLease> Execute(Ports& ports, const core::LeaseId& id, const MakeCommand& make,
                                  const std::optional<ports::Answer>& answer) {
  return LoadDecideAppend<Leases>(ports, id, make, answer);
}

absl::StatusOr<SeenChange> Execute(Ports& ports, const core::ChangeId& id,
                                   const MakeChangeCommand& make,
                                   const std::optional<ports::Answer>& answer) {
  return LoadDecideAppend<Changes>(ports, id, make, answer);
}

ports::Answer AnswerTo(const core::PersonId& by, const core::IdempotencyId& id,
                       const std::vector<std::string>& content, std::string result) {
  return {.key = absl::StrCat(by.text(), " ", id.text()),
          .fingerprint = ledger::Sha256Hex(absl::StrJoin(content, absl::string_view("\0", 1))),
          .result = std::move(result)};
}

absl::StatusOr<std::optional<std::string>> FindEarlierResult(Ports& ports,
                                                             const ports::Answer& wanted) {
  absl::StatusOr<std::optional<ports::Answer>> found = ports.journal.FindAnswer(wanted.key);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return std::optional<std::string>();
  if ((*found)->fingerprint != wanted.fingerprint) {
    return core::Refuse(core::Reason::kIdempotencyIdReused,
                        "this idempotency id was used before, for something else; use a new one");
  }
  return std::optional<std::string>((*found)->result);
}

}  // namespace jit::use_cases
