#include "broker/use_cases/timekeeper.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/simulated_clock.h"

namespace jit::use_cases {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

core::LeaseId Lease() {
  return core::LeaseId::FromBytes({1, 2, 3});
}

TEST(Timekeeper, FollowsTheWallClock) {
  testing::SimulatedClock clock;
  Timekeeper time(clock, absl::InfinitePast());
  clock.Advance(absl::Seconds(7));
  EXPECT_EQ(time.Now(), clock.Now().wall);
  EXPECT_TRUE(time.Settled());
}

TEST(Timekeeper, BeforeTheLastEventOfTheJournalTimeGoesOnFromThere) {
  testing::SimulatedClock clock;
  const absl::Time last_event = clock.Now().wall + absl::Hours(1);
  Timekeeper time(clock, last_event);
  EXPECT_FALSE(time.Settled());
  clock.Advance(absl::Seconds(7));
  EXPECT_EQ(time.Now(), last_event + absl::Seconds(7));
  clock.Advance(absl::Hours(1));
  EXPECT_TRUE(time.Settled());
  EXPECT_EQ(time.Now(), clock.Now().wall);
}

TEST(Timekeeper, AJumpUnsettlesForAMinuteAndIsRemembered) {
  testing::SimulatedClock clock;
  Timekeeper time(clock, absl::InfinitePast());
  clock.SetWallBy(absl::Minutes(-61));
  EXPECT_FALSE(time.Settled());
  EXPECT_EQ(time.LastJump(), absl::Minutes(-61));
  clock.Advance(absl::Seconds(61));
  EXPECT_TRUE(time.Settled());
}

TEST(Timekeeper, ASmallStepOfTheClockUnsettlesNothing) {
  testing::SimulatedClock clock;
  Timekeeper time(clock, absl::InfinitePast());
  clock.SetWallBy(absl::Seconds(30));
  EXPECT_TRUE(time.Settled());
}

TEST(Timekeeper, AWatchedLeaseIsOverdueByTheBootClockWhateverTheWallClockDoes) {
  testing::SimulatedClock clock;
  Timekeeper time(clock, absl::InfinitePast());
  time.Watch(Lease(), clock.Now().wall + absl::Minutes(10));
  clock.SetWallBy(absl::Hours(-1));
  time.Watch(Lease(), clock.Now().wall + absl::Hours(9));  // only the first counts
  clock.Advance(absl::Minutes(9));
  EXPECT_THAT(time.OverdueByBootClock(), IsEmpty());
  clock.Advance(absl::Minutes(1));
  EXPECT_THAT(time.OverdueByBootClock(), ElementsAre(Lease()));
  time.Forget(Lease());
  EXPECT_THAT(time.OverdueByBootClock(), IsEmpty());
}

}  // namespace
}  // namespace jit::use_cases
