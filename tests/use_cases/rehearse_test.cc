#include "broker/use_cases/rehearse.h"

#include "broker/use_cases/end.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/change_stage.h"

namespace jit::use_cases {
namespace {

using change::State;
using core::Reason;
using ::testing::HasSubstr;
using testing::MemoryBench;

// The lease of the only run that there was.
ports::LeaseSummary OnlyRun(ChangeStage& stage) {
  const auto rows = *stage.journal.Summaries({});
  EXPECT_EQ(rows.size(), 1U);
  return rows.front();
}

TEST(Rehearse, ReportsWhatTheScriptWouldDoAndLeavesNothing) {
  ChangeStage stage;
  const auto before = stage.bench.tables();
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix one; add"));
  ASSERT_TRUE(rehearsed.ok()) << rehearsed.status();
  EXPECT_EQ(rehearsed->change.state, State::kRehearsed);
  const change::Report& report = rehearsed->change.rehearsal->report;
  ASSERT_EQ(report.statements.size(), 2U);
  ASSERT_EQ(report.tables.size(), 1U);
  EXPECT_EQ(report.tables[0].direct, (change::RowCounts{1, 1, 0}));
  EXPECT_EQ(stage.bench.tables(), before);
}

TEST(Rehearse, WhatWasReadIsInTheReport) {
  ChangeStage stage;
  sql::Statement statement;
  statement.kind = sql::Kind::kUpdate;
  statement.findings = {{"no_where", sql::Severity::kDanger, 1, "it has no WHERE"}};
  stage.reader.Say("fix all", statement);
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix all"));
  ASSERT_TRUE(rehearsed.ok()) << rehearsed.status();
  const auto& findings = rehearsed->change.rehearsal->report.statements.at(0).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].code, "no_where");
  EXPECT_EQ(findings[0].severity, change::Severity::kDanger);
}

TEST(Rehearse, WhatWasReadIsToldOfARunThatFailedAsWell) {
  ChangeStage stage;
  sql::Statement statement;
  statement.kind = sql::Kind::kUpdate;
  statement.findings = {{"no_where", sql::Severity::kDanger, 1, "it has no WHERE"}};
  stage.reader.Say("break all", statement);
  stage.bench.Say("break all", {.fails = absl::OutOfRangeError("more rows than the ceiling")});
  const auto failed = stage.Rehearsed(stage.Script("alice", "break all"));
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_EQ(failed->change.state, State::kFailed);
  ASSERT_EQ(failed->change.findings.size(), 1U);
  EXPECT_EQ(failed->change.findings[0].code, "no_where");
}

TEST(Rehearse, RunsAsALoginOfItsOwnThatIsTakenAwayAtOnce) {
  ChangeStage stage;
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix one"));
  const core::LeaseId run = rehearsed->change.rehearsal->lease;
  EXPECT_EQ(OnlyRun(stage).id, run);
  EXPECT_EQ(OnlyRun(stage).path, policy::Path::kChange);
  EXPECT_EQ(stage.StateOf(run), lease::State::kClosing);
  const auto prepared = stage.bench.PreparationOf(core::LoginName::Of(run));
  ASSERT_TRUE(prepared.has_value());
  EXPECT_EQ(prepared->change, *rehearsed->change.id);
  EXPECT_GE(prepared->valid_until, stage.clock.Now().wall + absl::Minutes(10));
  stage.Sweep();
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(run), lease::State::kClosed);
}

TEST(Rehearse, NobodyElseOpensTheLoginOfARun) {
  ChangeStage stage;
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "fix one"));
  stage.bench.FailNext(MemoryBench::Verb::kPrepare, MemoryBench::Trouble::kFailsBefore);
  ASSERT_TRUE(RunRehearsal(stage.ports, *planned->change.id, stage.watcher).ok());
  const core::LeaseId run = OnlyRun(stage).id;
  EXPECT_FALSE(OpenLease(stage.ports, Person("alice"), run, stage.Verifier()).ok());
  AskOrder order = stage.Order("alice", "writer");
  order.bid.path = policy::Path::kChange;
  EXPECT_EQ(Refused(AskForLease(stage.ports, order).status()), Reason::kNoRuleAllows);
}

TEST(Rehearse, WhatDoesNotRunFailsTheChangeWithTheReason) {
  ChangeStage stage;
  stage.bench.Say("break", {.fails = absl::InvalidArgumentError("column x does not exist")});
  const auto failed = stage.Rehearsed(stage.Script("alice", "break"));
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_EQ(failed->change.state, State::kFailed);
  EXPECT_THAT(failed->change.why, HasSubstr("column x does not exist"));
}

TEST(Rehearse, ATargetThatCannotBeReachedFailsTheChangeAndLeavesNoLogin) {
  for (const MemoryBench::Verb verb : {MemoryBench::Verb::kPrepare, MemoryBench::Verb::kRun}) {
    ChangeStage stage;
    stage.bench.FailNext(verb, MemoryBench::Trouble::kFailsBefore);
    const auto failed = stage.Rehearsed(stage.Script("alice", "fix one"));
    ASSERT_TRUE(failed.ok()) << failed.status();
    EXPECT_EQ(failed->change.state, State::kFailed);
    stage.Tend();
    const lease::State run = OnlyRun(stage).state;
    EXPECT_TRUE(lease::IsFinal(run)) << lease::StateWord(run);
  }
}

TEST(Rehearse, CanBeCancelled) {
  ChangeStage stage;
  stage.watcher.cancel_at = 2;
  const auto cancelled = stage.Rehearsed(stage.Script("alice", "fix one; add"));
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->change.state, State::kFailed);
  EXPECT_THAT(cancelled->change.why, HasSubstr("cancelled"));
}

TEST(Rehearse, AnExpectationThatDoesNotHoldIsShownAndStopsTheSubmission) {
  ChangeStage stage;
  PlanOrder order = stage.Script("alice", "fix all");
  order.plan.written = *change::ParseExpectations("shop.orders.updated=1");
  const auto rehearsed = stage.Rehearsed(order);
  ASSERT_TRUE(rehearsed.ok()) << rehearsed.status();
  ASSERT_EQ(rehearsed->change.rehearsal->misses.size(), 1U);
  EXPECT_EQ(rehearsed->change.rehearsal->misses[0].found, 3);
  EXPECT_EQ(Refused(SubmitChange(stage.ports, Person("alice"), *rehearsed->change.id).status()),
            Reason::kExpectationMissed);
}

TEST(Rehearse, IsDoneOnce) {
  ChangeStage stage;
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix one"));
  const auto again = RunRehearsal(stage.ports, *rehearsed->change.id, stage.watcher);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->version, rehearsed->version);
  EXPECT_EQ(stage.bench.runs(), 1);
}

TEST(Rehearse, OneThatNobodyRunsAnyMoreIsGivenUp) {
  ChangeStage stage;
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "fix one"));
  const core::ChangeId id = *planned->change.id;
  EXPECT_EQ(TendChanges(stage.ports, {}, stage.tend_memory).resolved, 0) << "it is fresh";
  EXPECT_EQ(stage.Tend({id}).resolved, 0) << "somebody runs it";
  EXPECT_EQ(stage.Tend().resolved, 1);
  EXPECT_EQ(stage.ChangeOf(id).state, State::kFailed);
  EXPECT_THAT(stage.ChangeOf(id).why, HasSubstr("plan it again"));
}

}  // namespace
}  // namespace jit::use_cases
