#include "client/console/duration.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace jit::console {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 3650);

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(why, ": write ", kDurationGrammar, "."));
}

absl::Duration UnitOf(char letter) {
  switch (letter) {
    case 's':
      return absl::Seconds(1);
    case 'm':
      return absl::Minutes(1);
    case 'h':
      return absl::Hours(1);
    case 'd':
      return absl::Hours(24);
    default:
      return absl::ZeroDuration();
  }
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  if (text.empty()) return Malformed("The time is empty");
  if (text[0] == '-') return Malformed("The time is negative");
  if (text[0] == '+') return Malformed("The time has a sign");
  std::size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
    ++digits;
  }
  if (digits == 0) return Malformed("The time does not begin with a number");
  const absl::string_view rest = text.substr(digits);
  if (rest.empty()) return Malformed("The time has no unit");
  if (rest[0] == '.' || rest[0] == ',') return Malformed("The time is a fraction");
  if (rest.size() > 1) return Malformed("The time has more than one number or unit");
  const absl::Duration unit = UnitOf(rest[0]);
  if (unit == absl::ZeroDuration()) return Malformed("The time has an unknown unit");
  std::int64_t number = 0;
  if (digits > 9 || !absl::SimpleAtoi(text.substr(0, digits), &number)) {
    return Malformed("The time is above 3650 days");
  }
  if (number == 0) return Malformed("The time is zero");
  if (text[0] == '0') return Malformed("The time begins with a zero");
  if (number * unit > kLongest) return Malformed("The time is above 3650 days");
  return number * unit;
}

std::string ExactDuration(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds != 0 && seconds % 86400 == 0) return absl::StrCat(seconds / 86400, "d");
  if (seconds != 0 && seconds % 3600 == 0) return absl::StrCat(seconds / 3600, "h");
  if (seconds != 0 && seconds % 60 == 0) return absl::StrCat(seconds / 60, "m");
  return absl::StrCat(seconds, "s");
}

std::string RoughDuration(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 0) return absl::StrCat("-", RoughDuration(-duration));
  if (seconds < 60) return absl::StrCat(seconds, "s");
  if (seconds < 3600) return absl::StrCat(seconds / 60, "m ", seconds % 60, "s");
  if (seconds < 86400) return absl::StrCat(seconds / 3600, "h ", seconds % 3600 / 60, "m");
  return absl::StrCat(seconds / 86400, "d ", seconds % 86400 / 3600, "h");
}

std::string FormatInstant(absl::Time time) {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

}  // namespace jit::console
