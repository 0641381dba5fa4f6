#include <gtest/gtest.h>

#include "broker/core/free_text.h"
#include "broker/core/lease/lifecycle.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using testing::AskFor;
using testing::BreakGlassIn;
using testing::Group;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::LeaseIdNumbered;
using testing::OpenBy;
using testing::OrdinaryIn;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::Shop;
using testing::Story;
using testing::Yes;

TEST(Opening, FixesTheDeadlineOnce) {
  Story story = OrdinaryIn(State::kApproved);
  story.After(absl::Hours(1)).Then(OpenBy("engineer"));
  const absl::Time deadline = story.now + absl::Minutes(30);
  EXPECT_EQ(story.lease.expire_time, deadline);
  story.After(absl::Minutes(5)).Then(RecordOpened{});
  story.After(absl::Minutes(5)).Then(OpenBy("engineer"));
  EXPECT_EQ(story.lease.expire_time, deadline);
  EXPECT_EQ(NextDeadline(story.lease), deadline);
}

TEST(Opening, BySomebodyElseIsRefused) {
  Story story = OrdinaryIn(State::kApproved);
  EXPECT_THAT(story.Do(OpenBy("reviewer")), RefusedWith(Reason::kNotHolder));
  EXPECT_THAT(story.Do(OpenBy("operator")), RefusedWith(Reason::kNotHolder));
}

TEST(Opening, BeforeTheSeatsAreFilledIsRefusedAndTheStateIsNamed) {
  Story story = OrdinaryIn(State::kRequested);
  EXPECT_THAT(story.Do(OpenBy("engineer")),
              RefusedSaying(Reason::kWrongState, HasSubstr("requested")));
}

TEST(Opening, AfterTheWindowIsTooLateEvenBeforeTheTick) {
  Story story = OrdinaryIn(State::kApproved);
  story.After(absl::Hours(8));
  EXPECT_THAT(story.Do(OpenBy("engineer")), RefusedWith(Reason::kAlreadyEnded));
}

TEST(Opening, AgainAtTheDeadlineIsTooLate) {
  Story story = OrdinaryIn(State::kOpen);
  story.now = story.lease.expire_time;
  EXPECT_THAT(story.Do(OpenBy("engineer")), RefusedWith(Reason::kAlreadyEnded));
}

TEST(Opening, UnderAnotherRuleGoesBackToReviewSayingSo) {
  Story story = OrdinaryIn(State::kApproved);
  Shop(story.policy).rules[1].fingerprint = "another";
  story.Then(OpenBy("engineer"));
  EXPECT_EQ(story.lease.state, State::kRequested);
  EXPECT_EQ(story.lease.round, 2);
  EXPECT_THAT(story.lease.sent_back_why, HasSubstr("rule write"));
  EXPECT_TRUE(story.lease.reviews.empty());
  story.Then(Yes("reviewer")).Then(OpenBy("engineer"));
  EXPECT_EQ(story.lease.state, State::kOpening);
}

TEST(Opening, UnderARuleThatNowDemandsNobodyIsApprovedAgainAtOnce) {
  Story story = OrdinaryIn(State::kApproved);
  Shop(story.policy).rules[1].fingerprint = "another";
  Shop(story.policy).rules[1].seats.clear();
  story.Then(OpenBy("engineer"));
  EXPECT_EQ(story.lease.state, State::kApproved);
  EXPECT_EQ(story.lease.round, 2);
}

TEST(Opening, UnderAPolicyThatNoLongerAllowsItIsRefusedWithThePolicysReason) {
  Story story = OrdinaryIn(State::kApproved);
  story.policy.people.people.at(Person("engineer")).groups = {Group("reviewers")};
  EXPECT_THAT(story.Do(OpenBy("engineer")), RefusedWith(Reason::kNoRuleAllows));
  EXPECT_EQ(story.lease.state, State::kApproved);
}

TEST(Opening, AfterAReviewerLostTheirSeatGoesBackToReview) {
  Story story = OrdinaryIn(State::kApproved);
  story.policy.people.people.at(Person("reviewer")).groups = {Group("engineers")};
  story.Then(OpenBy("engineer"));
  EXPECT_EQ(story.lease.state, State::kRequested);
  EXPECT_THAT(story.lease.sent_back_why, HasSubstr("seat review"));
}

TEST(Opening, AWriterWithAnUnreviewedBreakGlassIsRefused) {
  Story writer = OrdinaryIn(State::kApproved);
  Open open = OpenBy("engineer");
  open.debt = LeaseIdNumbered(9);
  EXPECT_THAT(writer.Do(open), RefusedWith(Reason::kReviewDebt));
  Story definer;
  Shop(definer.policy).roles.at(testing::Role("writer")).access = policy::Access::kDefines;
  definer.Then(AskFor("engineer", "writer")).Then(Yes("reviewer"));
  EXPECT_THAT(definer.Do(open), RefusedWith(Reason::kReviewDebt));
  Story reader;
  reader.Then(AskFor("engineer", "reader"));
  EXPECT_THAT(reader.Do(open), IsOk());
}

TEST(Opening, ABreakGlassIsNotHinderedByItsOwnDebt) {
  Story story = BreakGlassIn(State::kApproved);
  Open open = OpenBy("oncall");
  open.debt = *story.lease.id;
  EXPECT_THAT(story.Do(open), IsOk());
}

TEST(Opening, WithClocksTooFarApartEitherWayIsRefused) {
  Story story = OrdinaryIn(State::kApproved);
  Open open = OpenBy("engineer");
  for (const absl::Duration skew :
       {absl::Seconds(6), -absl::Seconds(6), absl::InfiniteDuration()}) {
    open.clock_skew = skew;
    EXPECT_THAT(story.Try(open), RefusedWith(Reason::kClockSkew));
  }
  open.clock_skew = -absl::Seconds(5);
  EXPECT_THAT(story.Try(open), IsOk());
}

TEST(Opening, AgainOnAnotherClusterIsRefused) {
  Story story = OrdinaryIn(State::kOpen);
  Open open = OpenBy("engineer");
  open.system_identifier = "7300000000000000002";
  EXPECT_THAT(story.Do(open), RefusedWith(Reason::kTargetNotReady));
}

TEST(Opening, ABreakGlassUnderAnotherRuleIsRefused) {
  Story story = BreakGlassIn(State::kApproved);
  Shop(story.policy).break_glass[0].fingerprint = "another";
  EXPECT_THAT(story.Do(OpenBy("oncall")), RefusedWith(Reason::kPolicyChanged));
}

TEST(Opening, AFaultOfTheTargetClosesTheLease) {
  Story story = OrdinaryIn(State::kOpening);
  story.Then(RecordOpenFault{"no such group\xFF"});
  EXPECT_EQ(story.lease.state, State::kClosing);
  EXPECT_EQ(story.lease.close_cause, CloseCause::kFault);
  EXPECT_TRUE(core::IsUtf8(story.lease.close_note));
}

}  // namespace
}  // namespace jit::lease
