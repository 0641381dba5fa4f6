#include "tests/benchmark/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace jit::benchmark {
namespace {

using ::testing::HasSubstr;

TEST(Quantile, IsByNearestRank) {
  EXPECT_EQ(Quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(Quantile({3, 1, 2}, 1.0), 3);
  EXPECT_EQ(Quantile({5}, 0.01), 5);
}

TEST(Report, NamesWhatMissedItsAim) {
  const std::string page = AsMarkdown({{"one", "1 s", "≤ 2 s", Figure::Verdict::kMet},
                                       {"two", "3 s", "≤ 2 s", Figure::Verdict::kMissed}},
                                      "a machine", "2026-11-20");
  EXPECT_THAT(page, HasSubstr("| two | 3 s | ≤ 2 s | **missed** |"));
  EXPECT_THAT(page, HasSubstr("1 of the aims above was missed"));
}

}  // namespace
}  // namespace jit::benchmark
