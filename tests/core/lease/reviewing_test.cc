#include <gtest/gtest.h>

#include "broker/core/lease/lifecycle.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using testing::AskFor;
using testing::BreakGlassIn;
using testing::Findings;
using testing::Group;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::No;
using testing::OrdinaryIn;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::ReviewBy;
using testing::Story;
using testing::Yes;

TEST(Reviewing, ApprovingOnesOwnLeaseIsRefused) {
  Story story;
  story.policy.people.people.at(Person("engineer")).groups.insert(Group("reviewers"));
  story.Then(AskFor("engineer", "writer"));
  EXPECT_THAT(story.Do(Yes("engineer")), RefusedWith(Reason::kOwnLease));
  EXPECT_THAT(story.Do(No("engineer")), RefusedWith(Reason::kOwnLease));
}

TEST(Reviewing, WithoutASeatIsRefusedForAdministratorsToo) {
  Story story = OrdinaryIn(State::kRequested);
  EXPECT_THAT(story.Do(Yes("peer")), RefusedWith(Reason::kNoSeatForYou));
  EXPECT_THAT(story.Do(Yes("operator")), RefusedWith(Reason::kNoSeatForYou));
  EXPECT_THAT(story.Do(Yes("stranger")), RefusedWith(Reason::kNoSeatForYou));
}

TEST(Reviewing, TwiceIsRefused) {
  Story story;
  story.Then(AskFor("engineer", "ddl")).Then(Yes("reviewer"));
  EXPECT_THAT(story.Do(Yes("reviewer")), RefusedWith(Reason::kAlreadyReviewed));
  EXPECT_THAT(story.Do(No("reviewer")), RefusedWith(Reason::kAlreadyReviewed));
}

TEST(Reviewing, AYesThatFillsNoMoreSeatsIsRefused) {
  Story story;
  story.Then(AskFor("engineer", "ddl")).Then(Yes("reviewer"));
  EXPECT_THAT(story.Do(Yes("second_reviewer")),
              RefusedSaying(Reason::kNoSeatForYou, HasSubstr("are taken")));
}

TEST(Reviewing, TwoSeatsTakeTwoPeople) {
  Story story;
  story.Then(AskFor("engineer", "ddl")).Then(Yes("reviewer"));
  EXPECT_EQ(story.lease.state, State::kRequested);
  story.Then(Yes("manager"));
  EXPECT_EQ(story.lease.state, State::kApproved);
  EXPECT_EQ(story.lease.seats.size(), 2U);
}

TEST(Reviewing, WhatWasSignedMustBeWhatStandsThere) {
  Story story = OrdinaryIn(State::kRequested);
  EXPECT_THAT(story.Do(Review{ReviewBy("reviewer", Verdict::kYes), "another digest"}),
              RefusedWith(Reason::kDigestMismatch));
}

TEST(Reviewing, OneNoIsEnough) {
  Story story;
  story.Then(AskFor("engineer", "ddl")).Then(Yes("reviewer")).Then(No("manager"));
  EXPECT_EQ(story.lease.state, State::kDenied);
  EXPECT_EQ(story.lease.closed_by, Person("manager"));
}

TEST(Reviewing, ANoAfterTheApprovalEndsTheLease) {
  Story story = OrdinaryIn(State::kApproved);
  story.Then(No("second_reviewer"));
  EXPECT_EQ(story.lease.state, State::kDenied);
}

TEST(Reviewing, ANoWhileItIsOpenTakesTheLoginAway) {
  Story story = OrdinaryIn(State::kOpen);
  story.Then(No("second_reviewer"));
  EXPECT_EQ(story.lease.state, State::kClosing);
  EXPECT_EQ(story.lease.close_cause, CloseCause::kDenied);
}

TEST(Reviewing, ANoWithoutAWordIsRefusedAndAYesIsNot) {
  Story story = OrdinaryIn(State::kRequested);
  Review no{ReviewBy("reviewer", Verdict::kNo), testing::kDigest};
  no.review.note = "";
  EXPECT_THAT(story.Try(no), RefusedWith(Reason::kReasonEmpty));
  Review yes{ReviewBy("reviewer", Verdict::kYes), testing::kDigest};
  yes.review.note = "";
  EXPECT_THAT(story.Try(yes), IsOk());
}

TEST(Reviewing, AfterTheWindowIsTooLateEvenBeforeTheTick) {
  Story story = OrdinaryIn(State::kRequested);
  story.After(absl::Hours(24));
  EXPECT_THAT(story.Do(Yes("reviewer")), RefusedWith(Reason::kAlreadyEnded));
}

TEST(Reviewing, TheReviewCarriesTheTimeOfTheDecision) {
  Story story = OrdinaryIn(State::kRequested);
  story.After(absl::Minutes(3)).Then(Yes("reviewer"));
  EXPECT_EQ(story.lease.reviews.at(0).time, story.now);
}

TEST(BreakGlassDebt, IsIncurredAtOnceAndDueInTime) {
  Story story = BreakGlassIn(State::kApproved);
  EXPECT_TRUE(story.lease.debt_open);
  EXPECT_EQ(story.lease.debt_due, story.now + absl::Hours(24));
  EXPECT_EQ(story.lease.incident, "INC-7");
}

TEST(BreakGlassDebt, IsSettledByEitherVerdict) {
  for (const Verdict verdict : {Verdict::kYes, Verdict::kNo}) {
    Story story = BreakGlassIn(State::kOpen);
    story.Then(Findings("manager", verdict));
    EXPECT_FALSE(story.lease.debt_open);
    EXPECT_EQ(story.lease.debt_review->verdict, verdict);
    EXPECT_EQ(story.lease.state, State::kOpen);
  }
}

TEST(BreakGlassDebt, IsNotSettledByWhoIncurredIt) {
  Story story = BreakGlassIn(State::kClosed);
  story.policy.people.people.at(Person("oncall")).manager = Person("oncall");
  EXPECT_THAT(story.Do(Findings("oncall", Verdict::kYes)), RefusedWith(Reason::kOwnLease));
}

TEST(BreakGlassDebt, IsSettledOnlyFromTheSeatThatTheRuleNames) {
  EXPECT_THAT(BreakGlassIn(State::kClosed).Do(Findings("reviewer", Verdict::kYes)),
              RefusedWith(Reason::kNoSeatForYou));
  EXPECT_THAT(BreakGlassIn(State::kClosed).Do(Findings("operator", Verdict::kYes)),
              RefusedWith(Reason::kNoSeatForYou));
}

TEST(BreakGlassDebt, IsSettledOnce) {
  Story story = BreakGlassIn(State::kClosed);
  story.Then(Findings("manager", Verdict::kNo));
  EXPECT_THAT(story.Do(Findings("manager", Verdict::kYes)), RefusedWith(Reason::kNothingToReview));
}

TEST(BreakGlassDebt, StaysWithALeaseThatNeverOpenedUntilItIsReviewed) {
  Story story = BreakGlassIn(State::kWithdrawn);
  EXPECT_TRUE(story.lease.debt_open);
  EXPECT_THAT(story.Do(Findings("manager", Verdict::kYes)), IsOk());
}

TEST(BreakGlassDebt, NeedsFindingsAndTheRightDigest) {
  Story story = BreakGlassIn(State::kOpen);
  ReviewBreakGlass review{ReviewBy("manager", Verdict::kYes), testing::kDigest};
  review.review.note = "";
  EXPECT_THAT(story.Do(review), RefusedWith(Reason::kReasonEmpty));
  review.review.note = "fine";
  review.digest_now = "another digest";
  EXPECT_THAT(story.Do(review), RefusedWith(Reason::kDigestMismatch));
}

TEST(BreakGlassDebt, IsNotOwedOnAnOrdinaryLease) {
  EXPECT_THAT(OrdinaryIn(State::kOpen).Do(Findings("manager", Verdict::kYes)),
              RefusedWith(Reason::kNothingToReview));
}

}  // namespace
}  // namespace jit::lease
