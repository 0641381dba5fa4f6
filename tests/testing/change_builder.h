// Guarded changes, made the only honest way: by deciding and folding. The shop's policy about them,
// the commands, and a story that is moved along by these.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/change/lifecycle.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/policy_builder.h"

namespace jit::testing {

inline constexpr char kSchemaFingerprint[] = "the schema as it was";
inline constexpr char kCluster[] = "7300000000000000001";

inline core::ChangeId ChangeIdNumbered(std::uint8_t number) {
  core::ChangeId::Bytes bytes{};
  bytes.back() = number;
  return core::ChangeId::FromBytes(bytes);
}

// The shop, where engineers run changes as `writer`. Seats: `review` from reviewers for a script,
// that and `boss` for one that is not rehearsed, nobody for an undo, `boss` for a drop for good.
inline policy::Policy ShopPolicyWithChanges() {
  policy::Policy policy = ShopPolicy();
  const policy::Seat review = SeatFromGroup("review", "reviewers");
  const policy::Seat boss = SeatForManager("boss");
  policy::ChangeRule rule{.name = RuleNamed("fix"),
                          .who = {Group("engineers")},
                          .roles = {Role("writer")},
                          .seats = {review},
                          .undo_seats = {},
                          .drop_seats = {boss},
                          .unrehearsed_seats = std::vector<policy::Seat>{review, boss},
                          .masked = {},
                          .fingerprint = "rule fix"};
  Shop(policy).changes.push_back(std::move(rule));
  return policy;
}

inline change::MakePlan PlanBy(absl::string_view person, policy::Purpose purpose) {
  const bool script =
      purpose == policy::Purpose::kScript || purpose == policy::Purpose::kUnrehearsed;
  change::Subject subject;
  if (!script) {
    subject.change = ChangeIdNumbered(1);
  }
  return change::MakePlan{
      .id = ChangeIdNumbered(script ? 1 : 2),
      .plan = change::Plan{.requester = Person(person),
                           .target = Target("shop"),
                           .role = Role("writer"),
                           .purpose = purpose,
                           .reason = "order 4711 is stuck",
                           .script = script ? "update orders set state = 1 where id = 4711" : "",
                           .script_digest = "the digest of the script",
                           .subject = subject,
                           .written = {}},
      .waiting_now = 0,
      .debt = std::nullopt,
      .subject = std::nullopt};
}

inline change::TableEffect TableTouched(absl::string_view table, change::RowCounts direct) {
  change::TableEffect effect;
  effect.schema = "shop";
  effect.table = std::string(table);
  effect.direct = direct;
  return effect;
}

// One order updated, in one statement.
inline change::Report ReportOfOneOrder() {
  change::StatementReport statement;
  statement.kind = "update";
  statement.tag = "UPDATE";
  statement.text = "update orders set state = 1 where id = 4711";
  statement.rows = 1;
  change::Report report;
  report.statements = {statement};
  report.tables = {TableTouched("orders", {.updated = 1})};
  report.elapsed = absl::Milliseconds(3);
  return report;
}

inline change::RecordRehearsed RehearsedAs(change::Report report) {
  return change::RecordRehearsed{.lease = LeaseIdNumbered(1),
                                 .report = std::move(report),
                                 .schema_fingerprint = kSchemaFingerprint,
                                 .system_identifier = kCluster};
}
inline change::Command ChangeReviewBy(absl::string_view person, lease::Verdict verdict) {
  return change::Review{ReviewBy(person, verdict), kDigest};
}
inline change::Apply ApplyBy(absl::string_view person) {
  return change::Apply{.by = Person(person),
                       .lease = LeaseIdNumbered(2),
                       .system_identifier = kCluster,
                       .schema_fingerprint = kSchemaFingerprint,
                       .debt = std::nullopt,
                       .subject = std::nullopt};
}

// A change, the policy it lives under and the time, moved along by commands.
struct ChangeStory {
  policy::Policy policy = ShopPolicyWithChanges();
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  change::Change change;
  std::vector<change::Event> events;  // everything that has happened so far

  absl::StatusOr<std::vector<change::Event>> Try(const change::Command& command) const {
    return change::Decide(change, command, policy, now);
  }
  // Does it, or leaves everything as it is and answers why.
  absl::Status Do(const change::Command& command) {
    const auto decided = Try(command);
    if (!decided.ok()) {
      return decided.status();
    }
    for (const change::Event& event : *decided) {
      change = change::Evolve(std::move(change), event);
      events.push_back(event);
    }
    return absl::OkStatus();
  }
  // Does what the test takes for granted; anything else is a mistake in the test.
  ChangeStory& Then(const change::Command& command) {
    if (!Do(command).ok()) {
      std::abort();
    }
    return *this;
  }
  ChangeStory& After(absl::Duration time) {
    now += time;
    return *this;
  }
};

}  // namespace jit::testing
