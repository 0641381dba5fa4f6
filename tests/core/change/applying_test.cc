#include <gtest/gtest.h>

#include "broker/core/change/lifecycle.h"
#include "broker/core/free_text.h"
#include "tests/testing/change_stories.h"
#include "tests/testing/status_matchers.h"

namespace jit::change {
namespace {

using core::Reason;
using policy::Purpose;
using testing::ApplyAbout;
using testing::ApplyBy;
using testing::ChangeIdNumbered;
using testing::ChangeStory;
using testing::ChangeStoryIn;
using testing::Group;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::LeaseIdNumbered;
using testing::Person;
using testing::RefusedWith;
using testing::ReportOfOneOrder;
using testing::ScriptIn;
using testing::Shop;

Command Yes(absl::string_view person) {
  return testing::ChangeReviewBy(person, lease::Verdict::kYes);
}

TEST(Applying, IsTheAuthorsAlone) {
  const ChangeStory story = ScriptIn(State::kApproved);
  EXPECT_THAT(story.Try(ApplyBy("reviewer")), RefusedWith(Reason::kNotHolder));
  EXPECT_THAT(story.Try(ApplyBy("operator")), RefusedWith(Reason::kNotHolder));
}

TEST(Applying, WritesDownWhoseLoginRunsItAndOwesTheRun) {
  ChangeStory story = ScriptIn(State::kApproved);
  story.After(absl::Minutes(5)).Then(ApplyBy("engineer"));
  EXPECT_EQ(story.change.state, State::kApplying);
  EXPECT_EQ(story.change.execution->lease, LeaseIdNumbered(2));
  EXPECT_EQ(story.change.execution->start_time, story.now);
  EXPECT_EQ(EffectOf(story.change), Effect::kApply);
  EXPECT_EQ(NextDeadline(story.change), std::nullopt);
}

TEST(Applying, HappensOnce) {
  for (const State state :
       {State::kApplying, State::kApplied, State::kRolledBack, State::kUndone, State::kDropped}) {
    EXPECT_THAT(ScriptIn(state).Try(ApplyBy("engineer")), RefusedWith(Reason::kAlreadyExecuted));
  }
}

TEST(Applying, AfterTheWindowIsTooLateEvenBeforeTheTick) {
  ChangeStory story = ScriptIn(State::kApproved);
  story.After(absl::Hours(8));
  EXPECT_THAT(story.Do(ApplyBy("engineer")), RefusedWith(Reason::kAlreadyEnded));
}

TEST(Applying, OnAnotherClusterOrAnotherSchemaIsRefused) {
  const ChangeStory story = ScriptIn(State::kApproved);
  Apply apply = ApplyBy("engineer");
  apply.schema_fingerprint = "another";
  EXPECT_THAT(story.Try(apply), RefusedWith(Reason::kSchemaChanged));
  apply.system_identifier = "another";
  EXPECT_THAT(story.Try(apply), RefusedWith(Reason::kTargetNotReady));
}

TEST(Applying, WithAnUnreviewedBreakGlassIsRefused) {
  Apply apply = ApplyBy("engineer");
  apply.debt = LeaseIdNumbered(9);
  EXPECT_THAT(ScriptIn(State::kApproved).Try(apply), RefusedWith(Reason::kReviewDebt));
}

TEST(Applying, UnderAnotherRuleGoesBackToReviewSayingSo) {
  ChangeStory story = ScriptIn(State::kApproved);
  Shop(story.policy).changes[0].fingerprint = "another";
  Shop(story.policy).changes[0].rows_max = 7;
  story.Then(ApplyBy("engineer"));
  EXPECT_EQ(story.change.state, State::kSubmitted);
  EXPECT_EQ(story.change.round, 2);
  EXPECT_EQ(story.change.terms->rows_max, 7);
  EXPECT_THAT(story.change.why, HasSubstr("rule fix"));
  EXPECT_THAT(story.change.reviews, IsEmpty());
  EXPECT_THAT(story.change.seats, IsEmpty());
  EXPECT_EQ(NextDeadline(story.change), story.now + absl::Hours(24));
  story.Then(Yes("reviewer")).Then(ApplyBy("engineer"));
  EXPECT_EQ(story.change.state, State::kApplying);
}

TEST(Applying, UnderARuleThatNowDemandsNobodyIsApprovedAgainAtOnce) {
  ChangeStory story = ScriptIn(State::kApproved);
  Shop(story.policy).changes[0].fingerprint = "another";
  Shop(story.policy).changes[0].seats.clear();
  story.Then(ApplyBy("engineer"));
  EXPECT_EQ(story.change.state, State::kApproved);
  EXPECT_EQ(story.change.round, 2);
}

TEST(Applying, UnderAPolicyThatNoLongerAllowsItIsRefusedWithThePolicysReason) {
  ChangeStory story = ScriptIn(State::kApproved);
  story.policy.people.people.at(Person("engineer")).groups = {Group("reviewers")};
  EXPECT_THAT(story.Do(ApplyBy("engineer")), RefusedWith(Reason::kNoRuleAllows));
  EXPECT_EQ(story.change.state, State::kApproved);
}

TEST(Applying, AfterAReviewerLostTheirSeatGoesBackToReview) {
  ChangeStory story = ScriptIn(State::kApproved);
  story.policy.people.people.at(Person("reviewer")).groups = {Group("engineers")};
  story.Then(ApplyBy("engineer"));
  EXPECT_EQ(story.change.state, State::kSubmitted);
  EXPECT_THAT(story.change.why, HasSubstr("seat review"));
}

TEST(Applying, WhatNoReviewCanMendIsSaidBeforeItGoesBackToReview) {
  ChangeStory story = ScriptIn(State::kApproved);
  Shop(story.policy).changes[0].fingerprint = "another";
  Apply apply = ApplyBy("engineer");
  apply.schema_fingerprint = "another";
  EXPECT_THAT(story.Do(apply), RefusedWith(Reason::kSchemaChanged));
}

TEST(Applying, AnUndoOfWhatSomebodyElseUndidMeanwhileIsRefused) {
  const ChangeStory story = *ChangeStoryIn(State::kApproved, Purpose::kUndo);
  Apply apply = ApplyAbout("engineer", Purpose::kUndo);
  apply.subject->state = State::kUndone;
  EXPECT_THAT(story.Try(apply), RefusedWith(Reason::kNothingToUndo));
  apply.subject.reset();
  EXPECT_THAT(story.Try(apply), RefusedWith(Reason::kUnknownChange));
}

TEST(Applying, ADropForGoodWaitsForTheWaitingPeriodOfTodaysRule) {
  ChangeStory story = *ChangeStoryIn(State::kApproved, Purpose::kDropForGood);
  Shop(story.policy).changes[0].waiting_period = absl::Hours(24 * 30);
  Shop(story.policy).changes[0].fingerprint = "another";
  EXPECT_THAT(story.Do(ApplyAbout("engineer", Purpose::kDropForGood)),
              RefusedWith(Reason::kWaitingPeriod));
}

TEST(TheOutcome, OfARunIsKeptWithItsReport) {
  ChangeStory story = ScriptIn(State::kApplying);
  story.After(absl::Minutes(1)).Then(RecordApplied{ReportOfOneOrder()});
  EXPECT_EQ(story.change.state, State::kApplied);
  EXPECT_EQ(story.change.execution->report, ReportOfOneOrder());
  EXPECT_EQ(story.change.execution->end_time, story.now);
  EXPECT_EQ(EffectOf(story.change), Effect::kNone);
}

TEST(TheOutcome, FoundByLookingHasNoReport) {
  ChangeStory story = ScriptIn(State::kApplying);
  story.Then(RecordApplied{std::nullopt});
  EXPECT_EQ(story.change.execution->report, std::nullopt);
}

TEST(TheOutcome, OfARollbackSaysWhyInTextThatCanBeKept) {
  ChangeStory story = ScriptIn(State::kApplying);
  story.Then(RecordRolledBack{"it did not hold\xFF", ReportOfOneOrder()});
  EXPECT_EQ(story.change.state, State::kRolledBack);
  EXPECT_TRUE(core::IsUtf8(story.change.why));
  EXPECT_EQ(story.change.execution->why, story.change.why);
  EXPECT_EQ(story.change.execution->report, ReportOfOneOrder());
}

TEST(TheOutcome, OfAnUndoIsToldToTheChangeThatItWasAbout) {
  ChangeStory story = *ChangeStoryIn(State::kApplied, Purpose::kUndo);
  EXPECT_EQ(EffectOf(story.change), Effect::kMarkSubject);
  story.Then(RecordSubjectMarked{});
  EXPECT_EQ(EffectOf(story.change), Effect::kNone);
  EXPECT_THAT(*story.Try(RecordSubjectMarked{}), IsEmpty());
}

TEST(TheOutcome, OfAnUndoOfALeaseIsToldToNobody) {
  MakePlan plan = testing::PlanBy("engineer", Purpose::kUndo);
  plan.plan.subject = Subject{.lease = LeaseIdNumbered(7)};
  ChangeStory story;
  story.Then(plan)
      .Then(testing::RehearsedAs(ReportOfOneOrder()))
      .Then(Submit{Person("engineer")})
      .Then(ApplyBy("engineer"))
      .Then(RecordApplied{ReportOfOneOrder()});
  EXPECT_EQ(EffectOf(story.change), Effect::kNone);
}

TEST(BeingUndone, ByTheSameChangeTwiceIsHarmlessAndByAnotherIsRefused) {
  ChangeStory story = ScriptIn(State::kApplied);
  story.Then(MarkUndone{ChangeIdNumbered(2)});
  EXPECT_EQ(story.change.state, State::kUndone);
  EXPECT_EQ(story.change.undone_by, ChangeIdNumbered(2));
  EXPECT_THAT(*story.Try(MarkUndone{ChangeIdNumbered(2)}), IsEmpty());
  EXPECT_THAT(story.Try(MarkUndone{ChangeIdNumbered(3)}), RefusedWith(Reason::kNothingToUndo));
  EXPECT_THAT(story.Try(MarkDropped{ChangeIdNumbered(2)}), RefusedWith(Reason::kNothingToUndo));
}

TEST(BeingDropped, ByTheSameChangeTwiceIsHarmlessAndByAnotherIsRefused) {
  ChangeStory story = ScriptIn(State::kApplied);
  story.Then(MarkDropped{ChangeIdNumbered(2)});
  EXPECT_EQ(story.change.state, State::kDropped);
  EXPECT_EQ(story.change.dropped_by, ChangeIdNumbered(2));
  EXPECT_THAT(*story.Try(MarkDropped{ChangeIdNumbered(2)}), IsEmpty());
  EXPECT_THAT(story.Try(MarkDropped{ChangeIdNumbered(3)}), RefusedWith(Reason::kNothingToUndo));
}

}  // namespace
}  // namespace jit::change
