// The whole broker under seeded troubles. JIT_SEEDS sets how many seeds (default 2,000),
// JIT_SEED replays one.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/simulation/simulator.h"
#include "tests/testing/thoroughness.h"

namespace jit::simulation {
namespace {

using testing::FromEnvironment;

std::string LastLines(const Simulator& simulator) {
  const std::vector<std::string>& log = simulator.log();
  const std::size_t from = log.size() > 12 ? log.size() - 12 : 0;
  return absl::StrJoin(log.begin() + static_cast<std::ptrdiff_t>(from), log.end(), "\n  ");
}

// Runs one seed; answers with what is wrong, or with nothing.
std::string RunSeed(std::uint64_t seed, Simulator& simulator) {
  // Every third seed is calmer, so that long ways like that of a change are walked to their end.
  const std::uint64_t calm = seed % 3 == 0 ? 8 : 1;
  simulator.troubles().Random(/*fail=*/calm * (15 + seed % 30), /*crash=*/calm * (20 + seed % 40));
  for (int step = 0; step < 60; ++step) {
    simulator.Step();
    if (std::string wrong = simulator.Check(); !wrong.empty()) {
      return absl::StrCat("step ", step, ": ", wrong);
    }
  }
  simulator.Settle();
  return simulator.CheckSettled();
}

// Four shares of the seeds, so that both cores work.
class Simulation : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Simulation, NothingIsLostOrLeftOverUnderRandomTroubles) {
  const std::uint64_t only = FromEnvironment("JIT_SEED", 0);
  const std::uint64_t seeds = only != 0 ? 4 : FromEnvironment("JIT_SEEDS", 2000);
  std::int64_t crashes = 0;
  std::int64_t opened = 0;
  std::int64_t applied = 0;
  for (std::uint64_t n = GetParam(); n < seeds; n += 4) {
    const std::uint64_t seed = only != 0 ? only : n + 1;
    Simulator simulator(seed);
    const std::string wrong = RunSeed(seed, simulator);
    ASSERT_EQ(wrong, "") << "replay with JIT_SEED=" << seed << "\n  " << LastLines(simulator);
    crashes += simulator.crashes();
    opened += simulator.opened();
    applied += simulator.applied();
  }
  std::cout << "seeds " << GetParam() + 1 << ", " << GetParam() + 5 << " … to " << seeds << ": "
            << crashes << " crashes, " << opened << " logins opened, " << applied
            << " changes applied\n";
  // A simulation in which nothing goes wrong or nothing goes right proves nothing.
  EXPECT_TRUE(only != 0 || crashes > 0);
  EXPECT_TRUE(only != 0 || opened > static_cast<std::int64_t>(seeds) / 8);
  EXPECT_TRUE(only != 0 || applied > static_cast<std::int64_t>(seeds) / 32);
}

INSTANTIATE_TEST_SUITE_P(Shares, Simulation, ::testing::Values(0U, 1U, 2U, 3U));

// One trouble at a time, at every outside call of a story in turn, until the story ends before the
// trouble comes.
class OneTrouble : public ::testing::TestWithParam<Fate> {};

// Plays a story with `fate` at each of its calls in turn; answers with how many calls it has.
std::int64_t MeetAtEveryCall(Fate fate, void (Simulator::*story)()) {
  const auto stride = static_cast<std::int64_t>(testing::EveryNth());
  std::int64_t n = 1;
  for (;; n += stride) {
    Simulator simulator(7);
    simulator.troubles().Once(n, fate);
    (simulator.*story)();
    EXPECT_EQ(simulator.Check(), "") << "trouble at call " << n << "\n  " << LastLines(simulator);
    const bool past = simulator.troubles().planned_is_past();
    simulator.Settle();
    EXPECT_EQ(simulator.CheckSettled(), "")
        << "trouble at call " << n << "\n  " << LastLines(simulator);
    if (!past || ::testing::Test::HasFailure()) break;
  }
  const std::int64_t last = n - stride;
  std::cout << last << " outside calls, "
            << (stride == 1 ? "each" : absl::StrCat("one in ", stride))
            << " met the trouble once\n";
  return last;
}

TEST_P(OneTrouble, AtEveryOutsideCallOfAStoryInTurnLeavesNothingWrong) {
  EXPECT_GT(MeetAtEveryCall(GetParam(), &Simulator::PlayStory), 50);
}

TEST_P(OneTrouble, AtEveryOutsideCallOfAChangeInTurnLeavesNothingWrong) {
  EXPECT_GT(MeetAtEveryCall(GetParam(), &Simulator::PlayStoryOfChanges), 50);
}

INSTANTIATE_TEST_SUITE_P(EveryFate, OneTrouble,
                         ::testing::Values(Fate::kFailBefore, Fate::kFailAfter, Fate::kCrashBefore,
                                           Fate::kCrashAfter),
                         [](const ::testing::TestParamInfo<Fate>& fate) -> std::string {
                           switch (fate.param) {
                             case Fate::kFailBefore:
                               return "FailsBefore";
                             case Fate::kFailAfter:
                               return "FailsAfter";
                             case Fate::kCrashBefore:
                               return "CrashBefore";
                             case Fate::kCrashAfter:
                               return "CrashAfter";
                             case Fate::kFine:
                               break;
                           }
                           return "Fine";
                         });

}  // namespace
}  // namespace jit::simulation
