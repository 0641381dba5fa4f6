#include "broker/use_cases/apply.h"

#include "broker/use_cases/end.h"
#include "broker/use_cases/reload_policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/change_stage.h"

namespace jit::use_cases {
namespace {

using change::State;
using core::Reason;
using policy::Purpose;
using ::testing::HasSubstr;
using testing::MemoryBench;

core::ChangeId Started(ChangeStage& stage, const std::string& script = "fix one") {
  const core::ChangeId id = stage.Approved(stage.Script("alice", script));
  const auto started = ApplyChange(stage.ports, Person("alice"), id);
  EXPECT_TRUE(started.ok()) << started.status();
  return id;
}

TEST(ApplyChange, CommitsWhatWasRehearsedOnce) {
  ChangeStage stage;
  const core::ChangeId id = stage.Applied(stage.Script("alice", "fix one"));
  EXPECT_EQ(stage.Orders()["1"], "paid");
  EXPECT_EQ(stage.bench.CommitsOf(id), 1);
  EXPECT_TRUE(stage.ChangeOf(id).execution->report.has_value());
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), id).status()),
            Reason::kAlreadyExecuted);
  EXPECT_EQ(Refused(RunExecution(stage.ports, id, stage.watcher).status()),
            Reason::kAlreadyExecuted);
  stage.Tend();
  EXPECT_EQ(stage.RunOf(id), lease::State::kClosed);
}

TEST(ApplyChange, IsTheAuthorsAloneAndOnlyWhenApproved) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("rita"), id).status()), Reason::kNotHolder);
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), *rehearsed->change.id).status()),
            Reason::kWrongState);
  EXPECT_EQ(Refused(RunExecution(stage.ports, id, stage.watcher).status()),
            Reason::kAlreadyExecuted)
      << "the intent comes first";
}

TEST(ApplyChange, ARefusalLeavesNoLoginBehind) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  stage.bench.AlterSchema("elsewhere");
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), id).status()),
            Reason::kSchemaChanged);
  const auto rows = *stage.journal.Summaries({});
  for (const auto& row : rows) {
    EXPECT_NE(row.state, lease::State::kApproved);
  }
}

TEST(ApplyChange, WhenTheIntentCannotBeWrittenItsLoginIsWithdrawn) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  stage.journal.FailCommit(2, testing::CommitTrouble::kFailsBefore);  // 1 files the login
  EXPECT_FALSE(ApplyChange(stage.ports, Person("alice"), id).ok());
  EXPECT_EQ(stage.ChangeOf(id).state, State::kApproved);
  ports::SummaryFilter withdrawn;
  withdrawn.states = {lease::State::kWithdrawn};
  EXPECT_EQ(stage.journal.Summaries(withdrawn)->size(), 1U);
  EXPECT_EQ(stage.ApplyAndRun(id)->change.state, State::kApplied);
}

TEST(ApplyChange, WhenTheAnswerToTheIntentIsLostNothingRuns) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  stage.journal.FailCommit(2, testing::CommitTrouble::kFailsAfter);
  EXPECT_FALSE(ApplyChange(stage.ports, Person("alice"), id).ok());
  EXPECT_EQ(stage.ChangeOf(id).state, State::kApplying);
  EXPECT_EQ(Refused(RunExecution(stage.ports, id, stage.watcher).status()),
            Reason::kAlreadyExecuted);
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(id).state, State::kRolledBack);
  EXPECT_EQ(stage.bench.CommitsOf(id), 0);
}

TEST(ApplyChange, WhenTheRuleChangedItGoesBackToReview) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  stage.policy.SetNext(testing::MakePolicy(1));
  ASSERT_TRUE(ReloadPolicy(stage.ports).ok());
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), id).status()),
            Reason::kPolicyChanged);
  EXPECT_EQ(stage.ChangeOf(id).state, State::kSubmitted);
  ASSERT_TRUE(stage.Review("rolf", id).ok());
  EXPECT_EQ(stage.ApplyAndRun(id)->change.state, State::kApplied);
}

TEST(ApplyChange, IsRefusedForAMinuteAfterOurOwnClockJumped) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  stage.clock.SetWallBy(absl::Minutes(-5));
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), id).status()), Reason::kClockSkew);
}

TEST(ApplyChange, AnUnreviewedEmergencyStandsInTheWay) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  ASSERT_TRUE(AskForLease(stage.ports, stage.Emergency("alice")).ok());
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), id).status()), Reason::kReviewDebt);
}

TEST(RunExecution, OtherCountsRollEverythingBackAndAreTold) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  stage.bench.Say(
      "fix one",
      {.edits = {{"shop.orders", "1", "x"}, {"shop.orders", "2", "x"}, {"shop.orders", "3", "x"}}});
  const auto before = stage.bench.tables();
  const auto after = RunExecution(stage.ports, id, stage.watcher);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->change.state, State::kRolledBack);
  EXPECT_THAT(after->change.why, HasSubstr("shop.orders.updated: expected 1, found 3"));
  EXPECT_EQ(stage.bench.tables(), before);
  EXPECT_EQ(stage.RunOf(id), lease::State::kClosing);
}

TEST(RunExecution, ASchemaThatChangedAtTheLastMomentRollsBack) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  stage.bench.AlterSchema("elsewhere");
  const auto after = RunExecution(stage.ports, id, stage.watcher);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->change.state, State::kRolledBack);
  EXPECT_THAT(after->change.why, HasSubstr("schema changed"));
}

TEST(RunExecution, CanBeCancelled) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage, "fix one; add");
  stage.watcher.cancel_at = 2;
  const auto after = RunExecution(stage.ports, id, stage.watcher);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->change.state, State::kRolledBack);
  EXPECT_EQ(stage.Orders()["1"], "new");
}

TEST(RunExecution, ALoginThatIsRevokedBeforeItRunsRunsNothing) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  const core::LeaseId run = stage.ChangeOf(id).execution->lease;
  ASSERT_TRUE(RevokeLease(stage.ports, Person("opal"), run, "stop").ok());
  EXPECT_EQ(Refused(RunExecution(stage.ports, id, stage.watcher).status()),
            Reason::kAlreadyExecuted);
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(id).state, State::kRolledBack);
}

TEST(RunExecution, AFaultBeforeAnythingRanIsARollBackForCertain) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  stage.bench.FailNext(MemoryBench::Verb::kPrepare, MemoryBench::Trouble::kFailsBefore);
  const auto after = RunExecution(stage.ports, id, stage.watcher);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->change.state, State::kRolledBack);
  EXPECT_EQ(stage.RunOf(id), lease::State::kWithdrawn);
}

TEST(RunExecution, ALostAnswerIsFoundOutByLooking) {
  struct Case {
    MemoryBench::Trouble trouble;
    State found;
  };
  for (const Case& each : {Case{MemoryBench::Trouble::kFailsBefore, State::kRolledBack},
                           Case{MemoryBench::Trouble::kFailsAfter, State::kApplied}}) {
    ChangeStage stage;
    const core::ChangeId id = Started(stage);
    stage.bench.FailNext(MemoryBench::Verb::kRun, each.trouble);
    const auto after = RunExecution(stage.ports, id, stage.watcher);
    ASSERT_TRUE(after.ok()) << after.status();
    EXPECT_EQ(after->change.state, State::kApplying);
    EXPECT_EQ(stage.Tend().resolved, 1);
    EXPECT_EQ(stage.ChangeOf(id).state, each.found);
    EXPECT_FALSE(stage.ChangeOf(id).execution->report.has_value());
  }
}

TEST(RunExecution, ACommitThatIsStillUnderWayIsStoppedBeforeAnybodyLooks) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  stage.bench.FailNext(MemoryBench::Verb::kRun, MemoryBench::Trouble::kCommitsLater);
  ASSERT_TRUE(RunExecution(stage.ports, id, stage.watcher).ok());
  stage.clock.Advance(absl::Seconds(15));
  EXPECT_EQ(TendChanges(stage.ports, {}, stage.tend_memory).resolved, 0)
      << "its login is not off, so a look would tell nothing";
  stage.Tend();
  stage.bench.FinishCommits();
  EXPECT_EQ(stage.ChangeOf(id).state, State::kRolledBack);
  EXPECT_EQ(stage.bench.CommitsOf(id), 0);
}

TEST(RunExecution, OneThatNobodyRunsIsNeverRunAgain) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  EXPECT_EQ(stage.Tend({id}).resolved, 0) << "somebody runs it";
  EXPECT_EQ(stage.Tend().resolved, 1);
  EXPECT_EQ(stage.ChangeOf(id).state, State::kRolledBack);
  EXPECT_EQ(stage.bench.runs(), 1) << "the rehearsal";
}

TEST(RunExecution, AnOutcomeThatCannotBeRecordedIsFoundByLooking) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  stage.journal.FailCommit(3, testing::CommitTrouble::kFailsBefore);  // opening, open, applied
  EXPECT_FALSE(RunExecution(stage.ports, id, stage.watcher).ok());
  EXPECT_EQ(stage.RunOf(id), lease::State::kClosing) << "whatever happened";
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(id).state, State::kApplied);
  EXPECT_EQ(stage.bench.CommitsOf(id), 1);
}

TEST(RunExecution, AFaultThatLastsIsAnAlarm) {
  ChangeStage stage;
  const core::ChangeId id = Started(stage);
  stage.ports.benches.clear();
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(id).state, State::kApplying);
  stage.clock.Advance(absl::Minutes(3));
  EXPECT_THAT(stage.Tend().alarms, ::testing::Contains(HasSubstr(id.text())));
}

TEST(Undo, PutsBackWhatAChangeDidAndTellsIt) {
  ChangeStage stage;
  const auto before = stage.bench.tables();
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix all; add; clear"));
  EXPECT_NE(stage.bench.tables(), before);
  const core::ChangeId undo = stage.Applied(stage.Undo("alice", subject));
  EXPECT_EQ(stage.bench.tables(), before);
  EXPECT_EQ(stage.ChangeOf(subject).state, State::kApplied) << "it has not heard of it yet";
  EXPECT_EQ(stage.Tend().marked, 1);
  EXPECT_EQ(stage.ChangeOf(subject).state, State::kUndone);
  EXPECT_EQ(stage.ChangeOf(subject).undone_by, undo);
  EXPECT_TRUE(stage.ChangeOf(undo).subject_marked);
  EXPECT_EQ(stage.Tend().marked, 0);
}

TEST(Undo, AnUndoIsTakenBackOnlyAfterItsSubjectHasHeardOfIt) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix one"));
  const core::ChangeId undo = stage.Approved(stage.Undo("alice", subject));
  ASSERT_TRUE(ApplyChange(stage.ports, Person("alice"), undo).ok());
  ASSERT_TRUE(RunExecution(stage.ports, undo, stage.watcher).ok());
  const core::ChangeId again = stage.Approved(stage.Undo("alice", undo));
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), again).status()),
            Reason::kNothingToUndo);
  EXPECT_EQ(stage.ChangeOf(again).state, State::kApproved);
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(subject).state, State::kUndone);
  EXPECT_TRUE(ApplyChange(stage.ports, Person("alice"), again).ok());
}

TEST(Undo, ARowThatChangedSinceStopsIt) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix one"));
  stage.bench.Put("shop.orders", "1", "other");
  const auto refused = stage.Rehearsed(stage.Undo("alice", subject));
  EXPECT_EQ(refused->change.state, State::kFailed);
  PlanOrder order = stage.Undo("alice", subject);
  order.plan.subject.on_conflict = change::OnConflict::kOverwrite;
  stage.Applied(order);
  EXPECT_EQ(stage.Orders()["1"], "new");
}

TEST(Undo, OnlyOneChangeTakesAnotherBack) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix one"));
  const core::ChangeId first = stage.Approved(stage.Undo("alice", subject));
  const core::ChangeId second = stage.Approved(stage.Undo("bob", subject));
  ASSERT_TRUE(ApplyChange(stage.ports, Person("alice"), first).ok());
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("bob"), second).status()),
            Reason::kNothingToUndo);
  ASSERT_TRUE(RunExecution(stage.ports, first, stage.watcher).ok());
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("bob"), second).status()),
            Reason::kNothingToUndo);
  stage.Tend();
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("bob"), second).status()),
            Reason::kNothingToUndo);
  EXPECT_EQ(stage.Orders()["1"], "new");
}

TEST(Undo, AnUndoThatWasRolledBackLeavesTheWayToTheNext) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix one"));
  const core::ChangeId first = stage.Approved(stage.Undo("alice", subject));
  const core::ChangeId second = stage.Approved(stage.Undo("bob", subject));
  ASSERT_TRUE(ApplyChange(stage.ports, Person("alice"), first).ok());
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(first).state, State::kRolledBack);
  EXPECT_EQ(stage.ApplyAndRun(second)->change.state, State::kApplied);
}

TEST(Undo, WhatALeaseDidIsPutBackToo) {
  ChangeStage stage;
  const core::LeaseId lease = *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  ASSERT_TRUE(stage.Review("rita", lease, records::Decision::kApprove).ok());
  ASSERT_TRUE(OpenLease(stage.ports, Person("alice"), lease, stage.Verifier()).ok());
  const auto planned =
      PlanChange(stage.ports, stage.About("alice", Purpose::kUndo, {.lease = lease}));
  ASSERT_TRUE(planned.ok()) << planned.status();
  ASSERT_TRUE(RunRehearsal(stage.ports, *planned->change.id, stage.watcher).ok());
  bool prepared = false;
  const auto rows = *stage.journal.Summaries({});
  for (const auto& row : rows) {
    const auto preparation = stage.bench.PreparationOf(core::LoginName::Of(row.id));
    prepared |= preparation.has_value() && preparation->undo_of == core::LoginName::Of(lease);
  }
  EXPECT_TRUE(prepared);
}

TEST(DropForGood, DestroysWhatAChangeKeptAndTellsIt) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "define"));
  stage.clock.Advance(absl::Hours(24 * 8));
  const core::ChangeId drop =
      stage.Applied(stage.About("alice", Purpose::kDropForGood, {.change = subject}));
  EXPECT_EQ(KeptBy(stage.ports, Person("alice"), subject)->size(), 0U);
  stage.Tend();
  EXPECT_EQ(stage.ChangeOf(subject).state, State::kDropped);
  EXPECT_EQ(stage.ChangeOf(subject).dropped_by, drop);
}

TEST(Unrehearsed, RunsWithoutHavingBeenTried) {
  ChangeStage stage;
  sql::Statement statement;
  statement.tag = "VACUUM";
  statement.runs_in_transaction = false;
  stage.reader.Say("add", statement);
  PlanOrder order = stage.Script("alice", "add");
  order.plan.purpose = Purpose::kUnrehearsed;
  const core::ChangeId id = stage.Applied(order);
  EXPECT_EQ(stage.ChangeOf(id).rehearsal->report.not_rehearsed.size(), 1U);
  EXPECT_EQ(stage.Orders()["4"], "new");
}

TEST(TendChanges, LapsesWhatWaitedTooLong) {
  ChangeStage stage;
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix one"));
  const core::ChangeId approved = stage.Approved(stage.Script("alice", "fix one"));
  stage.clock.Advance(absl::Hours(9));
  EXPECT_EQ(stage.Tend().lapsed, 1);
  EXPECT_EQ(stage.ChangeOf(approved).state, State::kLapsed);
  stage.clock.Advance(absl::Hours(16));
  EXPECT_EQ(stage.Tend().lapsed, 1);
  EXPECT_EQ(stage.ChangeOf(*rehearsed->change.id).state, State::kLapsed);
}

TEST(TendChanges, HasOldImagesForgottenOnceAMinute) {
  ChangeStage stage;
  stage.Tend();
  const absl::Time first = *stage.bench.images_forgotten_before();
  EXPECT_EQ(first, stage.clock.Now().wall - absl::Hours(24 * 30));
  stage.Tend();
  EXPECT_EQ(stage.bench.images_forgotten_before(), first);
  stage.clock.Advance(absl::Minutes(1));
  stage.Tend();
  EXPECT_GT(*stage.bench.images_forgotten_before(), first);
}

}  // namespace
}  // namespace jit::use_cases
