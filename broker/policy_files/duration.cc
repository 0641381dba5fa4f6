#include "broker/policy_files/duration.h"

#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace jit::policy_files {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits = {{{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t kSecondsMax = std::int64_t{3660} * 86'400;

absl::Status Malformed() {
  return absl::InvalidArgumentError(
      "must be one whole number above zero with one unit, such as 90s, 30m, 4h or 7d");
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  if (text.size() < 2 || text.front() == '0') return Malformed();
  std::int64_t number = 0;
  for (const char digit : text.substr(0, text.size() - 1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return Malformed();
    number = number * 10 + (digit - '0');
    // Far below the limits of the type, so the multiplications cannot overflow.
    if (number > kSecondsMax) return absl::InvalidArgumentError("must not be above 3660d");
  }
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    if (number > kSecondsMax / unit.seconds) {
      return absl::InvalidArgumentError("must not be above 3660d");
    }
    return absl::Seconds(number * unit.seconds);
  }
  return Malformed();
}

std::string DurationText(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  for (const Unit& unit : kUnits) {
    if (seconds > 0 && seconds % unit.seconds == 0) {
      return absl::StrCat(seconds / unit.seconds, std::string(1, unit.letter));
    }
  }
  return "0s";
}

}  // namespace jit::policy_files
