#include "broker/policy_files/duration.h"

#include <string>

#include "gtest/gtest.h"

namespace jit::policy_files {
namespace {

TEST(Duration, IsOneWholeNumberWithOneUnit) {
  EXPECT_EQ(*ParseDuration("90s"), absl::Seconds(90));
  EXPECT_EQ(*ParseDuration("30m"), absl::Minutes(30));
  EXPECT_EQ(*ParseDuration("1h"), absl::Hours(1));
  EXPECT_EQ(*ParseDuration("7d"), absl::Hours(7 * 24));
  EXPECT_EQ(*ParseDuration("3660d"), absl::Hours(3660 * 24));
}

TEST(Duration, AnythingElseIsRefused) {
  for (const std::string text : {"",
                                 "5",
                                 "m",
                                 "0s",
                                 "0m",
                                 "00m",
                                 "05m",
                                 "-5m",
                                 "+5m",
                                 "1.5h",
                                 "1h1h",
                                 "1h30m",
                                 " 5m",
                                 "5m ",
                                 "5 m",
                                 "5M",
                                 "5min",
                                 "5w",
                                 "1e3s",
                                 "0x10s",
                                 "٣m",
                                 "3661d",
                                 "99999999999999999999s",
                                 "9223372036854775807d",
                                 "inf",
                                 "1h\n"}) {
    EXPECT_EQ(ParseDuration(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(ParseDuration(absl::string_view("5\0m", 3)).ok());
}

TEST(Duration, IsSpeltInTheLargestUnitThatFits) {
  EXPECT_EQ(DurationText(absl::Seconds(90)), "90s");
  EXPECT_EQ(DurationText(absl::Seconds(5400)), "90m");
  EXPECT_EQ(DurationText(absl::Hours(4)), "4h");
  EXPECT_EQ(DurationText(absl::Hours(48)), "2d");
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0s");
}

TEST(Duration, ReadsBackWhatItSpells) {
  for (int seconds = 1; seconds < 200000; seconds += 37) {
    EXPECT_EQ(*ParseDuration(DurationText(absl::Seconds(seconds))), absl::Seconds(seconds));
  }
}

}  // namespace
}  // namespace jit::policy_files
