// One event of a change of every type, with every field set to something that can be recognised.
#pragma once

#include <string>
#include <vector>

#include "broker/core/change/event.h"
#include "tests/records/sample_events.h"
#include "tests/testing/change_builder.h"

namespace jit::records {

inline policy::ChangeTerms SampleChangeTerms() {
  policy::ChangeTerms terms =
      policy::JudgeChange(testing::ShopPolicyWithChanges(),
                          policy::ChangeBid{testing::Person("engineer"), testing::Target("shop"),
                                            testing::Role("writer")})
          .value();
  terms.access = policy::Access::kDefines;
  terms.owner = core::PgGroup::Parse("shop_owner").value();
  terms.masked = {"shop.people.email", "shop.people.name"};
  terms.tolerance_percent = 5;
  return terms;
}

inline std::vector<change::Finding> SampleFindings() {
  using change::Severity;
  return {{"note_code", Severity::kNote, 1, "a note"},
          {"warning_code", Severity::kWarning, 2, "a warning"},
          {"danger_code", Severity::kDanger, 3, "a danger"},
          {"refused_code", Severity::kRefused, 4, "what is refused"}};
}

inline change::TableEffect SampleTable() {
  change::TableEffect table = testing::TableTouched("orders", {1, 2, 3});
  table.cascaded = {4, 5, 6};
  table.triggered = {7, 8, 9};
  table.guarded = false;
  table.has_key = false;
  table.rows_estimate = 1'000'000;
  return table;
}

// Two of what has two shapes.
inline change::Report SampleReport() {
  using change::ObjectEffect;
  using change::Sample;
  change::StatementReport statement;
  statement.line = 7;
  statement.kind = "update";
  statement.tag = "UPDATE";
  statement.text = "update orders set note = 'l\xC3\xBCgt \"nicht\"\n'";
  statement.rows = 2;
  statement.elapsed = absl::Microseconds(1234);
  statement.plan_cost = 8;
  statement.tables = {SampleTable()};
  statement.findings = SampleFindings();
  statement.kept = "the table is kept";
  change::StatementReport plain;
  plain.kind = "vacuum";
  change::Report report;
  report.statements = {statement, plain};
  report.tables = {SampleTable()};
  report.samples = {
      Sample{"shop", "orders", Sample::Verb::kUpdated, {{"note", "before", std::nullopt}}},
      Sample{"shop", "orders", Sample::Verb::kInserted, {{"note", std::nullopt, "after"}}},
      Sample{"shop", "orders", Sample::Verb::kDeleted, {{"note", "before", std::nullopt}}}};
  report.locks = {{"shop.orders", "RowExclusiveLock", absl::Microseconds(99)}};
  report.objects = {{ObjectEffect::What::kCreated, "relation", "shop.created"},
                    {ObjectEffect::What::kAltered, "column", "shop.orders.note"},
                    {ObjectEffect::What::kDestroyed, "relation", "shop.destroyed"}};
  report.conflicts = {{"shop.orders", "id=1", "the row changed since"}};
  report.not_rehearsed = {"a sequence is not rolled back"};
  report.undo_cannot = {"what a function sent is sent"};
  report.elapsed = absl::Microseconds(5678);
  return report;
}

inline std::vector<change::Expectation> SampleExpectations() {
  return change::ParseExpectations(
             "orders=1 shop.orders.inserted=0..5 orders.updated=2 \"A b\".deleted=3 #2=4")
      .value();
}

inline change::Rehearsal SampleRehearsal() {
  return change::Rehearsal{.lease = testing::LeaseIdNumbered(3),
                           .report = SampleReport(),
                           .schema_fingerprint = "the schema",
                           .system_identifier = "7300000000000000001",
                           .expected = SampleExpectations(),
                           .misses = {change::Miss{"shop.orders.updated", "1..5", 9}}};
}

// In the order of the variant. Where a field has two shapes, a second event shows the other.
inline std::vector<change::Event> SampleChangeEvents() {
  using change::OnConflict;
  using policy::Purpose;
  const absl::Time time = SampleTime();
  const core::PersonId engineer = testing::Person("engineer");
  const core::PersonId reviewer = testing::Person("reviewer");
  std::vector<change::Event> events;
  change::MakePlan script = testing::PlanBy("engineer", Purpose::kScript);
  script.plan.written = SampleExpectations();
  events.push_back(change::Planned{script.id, script.plan, SampleChangeTerms(), time});
  change::MakePlan undo = testing::PlanBy("engineer", Purpose::kUndo);
  undo.plan.subject = change::Subject{.change = std::nullopt,
                                      .lease = testing::LeaseIdNumbered(3),
                                      .since = time - absl::Hours(1),
                                      .tables = {"shop.orders", "shop.items"},
                                      .on_conflict = OnConflict::kSkip};
  policy::ChangeTerms plain = SampleChangeTerms();
  plain.access = policy::Access::kWrites;
  plain.owner = std::nullopt;
  plain.masked = {};
  events.push_back(change::Planned{undo.id, undo.plan, plain, time});
  change::MakePlan drop = testing::PlanBy("engineer", Purpose::kDropForGood);
  drop.plan.subject.on_conflict = OnConflict::kOverwrite;
  events.push_back(change::Planned{drop.id, drop.plan, plain, time});
  change::MakePlan unrehearsed = testing::PlanBy("engineer", Purpose::kUnrehearsed);
  events.push_back(change::Planned{unrehearsed.id, unrehearsed.plan, plain, time});
  events.push_back(change::Rehearsed{SampleRehearsal(), time});
  events.push_back(change::NotRehearsed{"the target said no", SampleFindings(), time});
  events.push_back(change::Submitted{time});
  events.push_back(change::Reviewed{SampleReview(lease::Verdict::kYes), SampleSeats()});
  events.push_back(change::Approved{time});
  events.push_back(
      change::SentBack{"rule fix, which decided, has changed", SampleChangeTerms(), time});
  events.push_back(change::Denied{reviewer, "not now", time});
  events.push_back(change::Withdrawn{engineer, time});
  events.push_back(change::Lapsed{"it was not decided within 24h", time});
  events.push_back(change::ApplyStarted{engineer, testing::LeaseIdNumbered(4), time});
  events.push_back(change::Applied{SampleReport(), time});
  events.push_back(change::Applied{std::nullopt, time});
  events.push_back(change::RolledBack{"a count did not hold", SampleReport(), time});
  events.push_back(change::RolledBack{"cancelled", std::nullopt, time});
  events.push_back(change::SubjectMarked{time});
  events.push_back(change::Undone{testing::ChangeIdNumbered(2), time});
  events.push_back(change::DroppedForGood{testing::ChangeIdNumbered(2), time});
  return events;
}

}  // namespace jit::records
