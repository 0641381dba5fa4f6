#include <gtest/gtest.h>

#include "broker/core/lease/lifecycle.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using testing::BreakGlassIn;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::OrdinaryIn;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::Story;

TEST(Ending, BySomebodyElseIsRefused) {
  Story story = OrdinaryIn(State::kOpen);
  EXPECT_THAT(story.Do(End{Person("reviewer")}), RefusedWith(Reason::kNotHolder));
  EXPECT_THAT(story.Do(Withdraw{Person("reviewer")}), RefusedWith(Reason::kNotHolder));
}

TEST(Ending, AnOpenLeaseByWithdrawingSaysToUseEnd) {
  EXPECT_THAT(OrdinaryIn(State::kOpen).Do(Withdraw{Person("engineer")}),
              RefusedSaying(Reason::kWrongState, HasSubstr("jit-access end")));
  EXPECT_THAT(OrdinaryIn(State::kRequested).Do(End{Person("engineer")}),
              RefusedSaying(Reason::kWrongState, HasSubstr("jit-access withdraw")));
}

TEST(Ending, ByTheDeadlineIsDueOnTheInstantAndNotBefore) {
  Story story = OrdinaryIn(State::kOpen);
  story.now = story.lease.expire_time - absl::Microseconds(1);
  story.Then(Tick{});
  EXPECT_EQ(story.lease.state, State::kOpen);
  story.After(absl::Microseconds(1)).Then(Tick{});
  EXPECT_EQ(story.lease.state, State::kClosing);
  EXPECT_EQ(story.lease.close_cause, CloseCause::kDeadline);
  EXPECT_EQ(story.lease.closed_by, std::nullopt);
}

TEST(Ending, ByTheBootClockIsDueThoughTheWallClockSaysOtherwise) {
  Story story = OrdinaryIn(State::kOpen);
  story.After(-absl::Hours(1)).Then(Tick{.not_before = story.lease.expire_time});
  EXPECT_EQ(story.lease.close_cause, CloseCause::kDeadline);
}

TEST(Ending, AnUndecidedOrUnopenedLeaseLapses) {
  Story requested = OrdinaryIn(State::kRequested);
  EXPECT_EQ(NextDeadline(requested.lease), requested.now + absl::Hours(24));
  requested.After(absl::Hours(24)).Then(Tick{});
  EXPECT_EQ(requested.lease.state, State::kLapsed);
  EXPECT_THAT(requested.lease.close_note, HasSubstr("not decided within 24h"));
  Story approved = OrdinaryIn(State::kApproved);
  approved.After(absl::Hours(8)).Then(Tick{});
  EXPECT_THAT(approved.lease.close_note, HasSubstr("not opened within 8h"));
}

TEST(Ending, DriftOnTheTargetClosesTheLease) {
  Story story = OrdinaryIn(State::kOpen);
  story.Then(CloseForDrift{"VALID UNTIL was moved"});
  EXPECT_EQ(story.lease.close_cause, CloseCause::kDrift);
  EXPECT_EQ(story.lease.close_note, "VALID UNTIL was moved");
}

TEST(Revoking, TakesAnOpenLoginAwayAndKeepsWhoAndWhy) {
  Story story = OrdinaryIn(State::kOpen);
  story.Then(Revoke{Person("second_reviewer"), "wrong table"});
  EXPECT_EQ(story.lease.close_cause, CloseCause::kRevoked);
  EXPECT_EQ(story.lease.closed_by, Person("second_reviewer"));
  EXPECT_EQ(story.lease.close_note, "wrong table");
}

TEST(Revoking, BeforeItIsOpenDeniesIt) {
  Story story = OrdinaryIn(State::kApproved);
  story.Then(Revoke{Person("reviewer"), "changed my mind"});
  EXPECT_EQ(story.lease.state, State::kDenied);
  EXPECT_EQ(story.lease.close_note, "changed my mind");
}

TEST(Revoking, OnesOwnLeaseIsRefused) {
  EXPECT_THAT(OrdinaryIn(State::kOpen).Do(Revoke{Person("engineer"), "mine"}),
              RefusedWith(Reason::kOwnLease));
}

TEST(Revoking, ByABystanderIsRefused) {
  EXPECT_THAT(OrdinaryIn(State::kOpen).Do(Revoke{Person("peer"), "why not"}),
              RefusedWith(Reason::kNoSeatForYou));
  EXPECT_THAT(OrdinaryIn(State::kOpen).Do(Revoke{Person("auditor"), "why not"}),
              RefusedWith(Reason::kNoSeatForYou));
}

TEST(Revoking, ABreakGlassIsForItsReviewerToo) {
  EXPECT_THAT(BreakGlassIn(State::kOpen).Do(Revoke{Person("manager"), "over"}), IsOk());
}

TEST(Revoking, WithoutAWordIsRefused) {
  EXPECT_THAT(OrdinaryIn(State::kOpen).Do(Revoke{Person("reviewer"), ""}),
              RefusedWith(Reason::kReasonEmpty));
}

}  // namespace
}  // namespace jit::lease
