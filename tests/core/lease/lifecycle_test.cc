#include "broker/core/lease/lifecycle.h"

#include <gtest/gtest.h>

#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using testing::AskFor;
using testing::OpenBy;
using testing::OrdinaryIn;
using testing::Person;
using testing::RefusedWith;
using testing::Story;

TEST(Lifecycle, DecidesInTheMicrosecondsThatRecordsKeep) {
  Story story;
  story.now += absl::Nanoseconds(1234);
  story.Then(AskFor("engineer", "reader")).Then(OpenBy("engineer"));
  EXPECT_EQ(story.lease.request_time, story.now - absl::Nanoseconds(234));
  EXPECT_EQ(story.lease.expire_time, story.lease.request_time + absl::Minutes(30));
}

TEST(Lifecycle, TheEffectOwedFollowsFromTheState) {
  EXPECT_EQ(EffectOf(OrdinaryIn(State::kApproved).lease), Effect::kNone);
  EXPECT_EQ(EffectOf(OrdinaryIn(State::kOpening).lease), Effect::kOpenLogin);
  EXPECT_EQ(EffectOf(OrdinaryIn(State::kOpen).lease), Effect::kNone);
  EXPECT_EQ(EffectOf(OrdinaryIn(State::kClosing).lease), Effect::kTurnOff);
  EXPECT_EQ(EffectOf(OrdinaryIn(State::kOff).lease), Effect::kRemove);
  EXPECT_EQ(EffectOf(OrdinaryIn(State::kClosed).lease), Effect::kNone);
}

TEST(Lifecycle, EventsInAnyOrderAreFoldedWithoutFalling) {
  const Lease lease =
      Evolve(Evolve(Lease(), Approved{absl::UnixEpoch()}), Opened{absl::UnixEpoch()});
  EXPECT_EQ(lease.state, State::kOpen);
  EXPECT_EQ(NextDeadline(lease), std::nullopt);
}

TEST(Lifecycle, ALeaseThatNobodyAskedForIsUnknownToPeopleAndNothingToTheMachine) {
  EXPECT_THAT(Story().Try(End{Person("engineer")}), RefusedWith(Reason::kUnknownLease));
  EXPECT_THAT(Story().Try(OpenBy("engineer")), RefusedWith(Reason::kUnknownLease));
  EXPECT_TRUE(Story().Try(Tick{})->empty());
}

TEST(Lifecycle, EveryStateHasAWordOfItsOwn) {
  for (int i = 0; i <= static_cast<int>(State::kClosed); ++i) {
    const State state = static_cast<State>(i);
    EXPECT_EQ(StateFromWord(StateWord(state)), state);
  }
  EXPECT_EQ(StateFromWord("granted"), std::nullopt);
}

}  // namespace
}  // namespace jit::lease
