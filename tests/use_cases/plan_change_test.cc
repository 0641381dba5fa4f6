#include "broker/use_cases/plan_change.h"

#include "broker/use_cases/end.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/change_stage.h"

namespace jit::use_cases {
namespace {

using change::State;
using core::Reason;
using policy::Purpose;
using ::testing::HasSubstr;

TEST(PlanChange, WritesTheIntentAndTouchesNothing) {
  ChangeStage stage;
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "fix one"));
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(planned->change.state, State::kPlanned);
  EXPECT_EQ(planned->change.plan->script_digest.size(), 64U);
  EXPECT_EQ(stage.prod.calls(), 0);
  EXPECT_EQ(stage.bench.runs(), 0);
}

TEST(PlanChange, ARepeatWithTheSameIdAnswersWithTheSameChange) {
  ChangeStage stage;
  PlanOrder order = stage.Script("alice", "fix one");
  const core::ChangeId id = *PlanChange(stage.ports, order)->change.id;
  EXPECT_EQ(*PlanChange(stage.ports, order)->change.id, id);
  order.plan.script = "fix all";
  EXPECT_EQ(Refused(PlanChange(stage.ports, order).status()), Reason::kIdempotencyIdReused);
}

TEST(PlanChange, TheHeadOfTheScriptGivesWayToWhatIsWrittenBesideIt) {
  ChangeStage stage;
  PlanOrder order =
      stage.Script("alice", "-- expect: shop.orders.updated=1 shop.people=0\nfix one");
  order.plan.written = *change::ParseExpectations("shop.orders.updated=0..2");
  const auto planned = PlanChange(stage.ports, order);
  ASSERT_TRUE(planned.ok()) << planned.status();
  std::vector<std::string> texts;
  for (const auto& each : planned->change.plan->written) texts.push_back(change::Text(each));
  EXPECT_THAT(texts, ::testing::UnorderedElementsAre("shop.orders.updated=0..2", "shop.people=0"));
}

TEST(PlanChange, AScriptThatCannotBeReadIsRefusedInTheParsersWords) {
  ChangeStage stage;
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "fix one;\nsyntax error"));
  EXPECT_EQ(Refused(planned.status()), Reason::kMalformedScript);
  EXPECT_THAT(planned.status().message(), HasSubstr("line 2"));
  EXPECT_EQ(Refused(PlanChange(stage.ports, stage.Script("alice", "")).status()),
            Reason::kMalformedScript);
  EXPECT_EQ(
      Refused(
          PlanChange(stage.ports, stage.Script("alice", std::string((1 << 20) + 1, ' '))).status()),
      Reason::kScriptTooLarge);
}

TEST(PlanChange, WithoutAParserNoScriptIsPlanned) {
  ChangeStage stage;
  stage.ports.reader = nullptr;
  EXPECT_TRUE(
      absl::IsUnavailable(PlanChange(stage.ports, stage.Script("alice", "fix one")).status()));
}

TEST(PlanChange, AMalformedExpectationInTheHeadIsRefused) {
  ChangeStage stage;
  EXPECT_EQ(
      Refused(
          PlanChange(stage.ports, stage.Script("alice", "-- expect: orders\nfix one")).status()),
      Reason::kMalformedExpectation);
}

TEST(PlanChange, ARefusedFindingIsToldWithItsLine) {
  ChangeStage stage;
  sql::Statement statement;
  statement.findings = {{"transaction_control", sql::Severity::kRefused, 7, "COMMIT is refused"}};
  stage.reader.Say("commit", statement);
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "commit"));
  EXPECT_EQ(Refused(planned.status()), Reason::kScriptRefused);
  EXPECT_THAT(planned.status().message(), HasSubstr("line 7: COMMIT is refused"));
}

TEST(PlanChange, WhatCannotRunInATransactionNeedsItsOwnPurpose) {
  ChangeStage stage;
  sql::Statement statement;
  statement.tag = "VACUUM";
  statement.runs_in_transaction = false;
  stage.reader.Say("vacuum", statement);
  PlanOrder order = stage.Script("alice", "vacuum");
  const auto planned = PlanChange(stage.ports, order);
  EXPECT_EQ(Refused(planned.status()), Reason::kUnrehearsedNotAllowed);
  EXPECT_THAT(planned.status().message(), HasSubstr("--unrehearsed"));
  order.plan.purpose = Purpose::kUnrehearsed;
  EXPECT_TRUE(PlanChange(stage.ports, order).ok());
}

TEST(PlanChange, PolicyDecidesWhoMayPlan) {
  ChangeStage stage;
  EXPECT_EQ(Refused(PlanChange(stage.ports, stage.Script("rolf", "fix one")).status()),
            Reason::kNoRuleAllows);
  PlanOrder order = stage.Script("alice", "fix one");
  order.plan.role = Role("reader");
  EXPECT_EQ(Refused(PlanChange(stage.ports, order).status()), Reason::kNoRuleAllows);
}

TEST(PlanChange, AnUnreviewedEmergencyStandsInTheWay) {
  ChangeStage stage;
  ASSERT_TRUE(AskForLease(stage.ports, stage.Emergency("alice")).ok());
  EXPECT_EQ(Refused(PlanChange(stage.ports, stage.Script("alice", "fix one")).status()),
            Reason::kReviewDebt);
}

TEST(PlanChange, AnUndoTakesTargetAndRoleFromItsSubject) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix one"));
  PlanOrder order = stage.Undo("bob", subject);
  order.plan.role = Role("owner");
  const auto planned = PlanChange(stage.ports, order);
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(planned->change.plan->role, Role("writer"));
}

TEST(PlanChange, OnlyWhatIsAppliedCanBeUndone) {
  ChangeStage stage;
  const core::ChangeId approved = stage.Approved(stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(PlanChange(stage.ports, stage.Undo("alice", approved)).status()),
            Reason::kNothingToUndo);
}

TEST(PlanChange, WhatIsKeptIsNotDestroyedBeforeTheWaitingPeriod) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "define"));
  const PlanOrder order = stage.About("alice", Purpose::kDropForGood, {.change = subject});
  EXPECT_EQ(Refused(PlanChange(stage.ports, order).status()), Reason::kWaitingPeriod);
  stage.clock.Advance(absl::Hours(24 * 8));
  EXPECT_TRUE(PlanChange(stage.ports, order).ok());
}

TEST(PlanChange, AnUndoOfALeaseIsForItsHolderAndForThoseWhoCouldRevokeIt) {
  ChangeStage stage;
  const core::LeaseId lease = *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  const PlanOrder alice = stage.About("alice", Purpose::kUndo, {.lease = lease});
  EXPECT_EQ(Refused(PlanChange(stage.ports, alice).status()), Reason::kNothingToUndo);
  ASSERT_TRUE(stage.Review("rita", lease, records::Decision::kApprove).ok());
  ASSERT_TRUE(OpenLease(stage.ports, Person("alice"), lease, stage.Verifier()).ok());
  EXPECT_TRUE(PlanChange(stage.ports, alice).ok());
  EXPECT_TRUE(PlanChange(stage.ports, stage.About("bob", Purpose::kUndo, {.lease = lease})).ok())
      << "bob is a reviewer";
  EXPECT_EQ(Refused(PlanChange(stage.ports, stage.About("rolf", Purpose::kUndo,
                                                        {.lease = *core::LeaseId::Parse(
                                                             "aaaaaaaaaaaaaaaaaaaaaaaaaa")}))
                        .status()),
            Reason::kUnknownLease);
}

TEST(PlanChange, TheLoginOfAChangeIsUndoneThroughTheChange) {
  ChangeStage stage;
  const core::ChangeId subject = stage.Applied(stage.Script("alice", "fix one"));
  const core::LeaseId run = stage.ChangeOf(subject).execution->lease;
  EXPECT_EQ(
      Refused(
          PlanChange(stage.ports, stage.About("alice", Purpose::kUndo, {.lease = run})).status()),
      Reason::kNothingToUndo);
}

TEST(PlanChange, WhoMayNotSeeTheSubjectIsToldThatThereIsNone) {
  ChangeStage stage;
  const auto mine = PlanChange(stage.ports, stage.Script("rita", "fix one"));
  EXPECT_EQ(Refused(LoadChangeFor(stage.ports, *mine->change.id, Person("alice")).status()),
            Reason::kUnknownChange);
  EXPECT_TRUE(LoadChangeFor(stage.ports, *mine->change.id, Person("rolf")).ok());
  EXPECT_TRUE(LoadChangeFor(stage.ports, *mine->change.id, Person("opal")).ok());
  EXPECT_EQ(Refused(PlanChange(stage.ports, stage.Undo("alice", *mine->change.id)).status()),
            Reason::kUnknownChange);
}

}  // namespace
}  // namespace jit::use_cases
