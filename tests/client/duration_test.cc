#include "client/console/duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jit::console {
namespace {

using ::testing::HasSubstr;

TEST(ParseDuration, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(*ParseDuration("90s"), absl::Seconds(90));
  EXPECT_EQ(*ParseDuration("30m"), absl::Minutes(30));
  EXPECT_EQ(*ParseDuration("8h"), absl::Hours(8));
  EXPECT_EQ(*ParseDuration("3650d"), absl::Hours(24 * 3650));
}

struct Mistake {
  std::string text;
  std::string said;
};

TEST(ParseDuration, SaysWhatIsWrongAndHowToWriteIt) {
  const std::vector<Mistake> mistakes = {
      {"", "is empty"},
      {"30", "has no unit"},
      {"m", "does not begin with a number"},
      {"1h1h", "more than one number or unit"},
      {"1h30m", "more than one number or unit"},
      {"30min", "more than one number or unit"},
      {"30 m", "more than one number or unit"},
      {"0m", "is zero"},
      {"007m", "begins with a zero"},
      {"-5m", "is negative"},
      {"+5m", "has a sign"},
      {"1.5h", "is a fraction"},
      {"30M", "unknown unit"},
      {"1w", "unknown unit"},
      {"3651d", "above 3650 days"},
      {"99999999999999999999999s", "above 3650 days"},
      {"999999999d", "above 3650 days"},
      {" 30m", "does not begin with a number"},
      {"\xd9\xa3m", "does not begin with a number"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto parsed = ParseDuration(mistake.text);
    ASSERT_FALSE(parsed.ok()) << mistake.text;
    const std::string said(parsed.status().message());
    EXPECT_THAT(said, HasSubstr(mistake.said)) << mistake.text;
    EXPECT_THAT(said, HasSubstr("30m")) << "every mistake shows how to write it";
  }
}

TEST(ExactDuration, IsReadBackAsTheSame) {
  for (const int seconds : {1, 59, 60, 90, 3600, 5400, 86400, 90000, 864000}) {
    EXPECT_EQ(*ParseDuration(ExactDuration(absl::Seconds(seconds))), absl::Seconds(seconds));
  }
  EXPECT_EQ(ExactDuration(absl::Minutes(90)), "90m");
  EXPECT_EQ(ExactDuration(absl::Hours(48)), "2d");
}

TEST(RoughDuration, UsesTwoUnitsAtMost) {
  EXPECT_EQ(RoughDuration(absl::Seconds(42)), "42s");
  EXPECT_EQ(RoughDuration(absl::Seconds(252)), "4m 12s");
  EXPECT_EQ(RoughDuration(absl::Minutes(90)), "1h 30m");
  EXPECT_EQ(RoughDuration(absl::Hours(74)), "3d 2h");
  EXPECT_EQ(RoughDuration(-absl::Minutes(2)), "-2m 0s");
}

}  // namespace
}  // namespace jit::console
