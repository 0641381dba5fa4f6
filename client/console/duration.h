// Times as people type and read them.
//
// Promises: one number and one unit, so that nobody can be misunderstood by a factor of sixty.
// Pure; safe from any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jit::console {

constexpr absl::string_view kDurationGrammar =
    "a whole number and one unit (s, m, h or d), such as 90s, 30m, 8h or 1d";

// Reads [1-9][0-9]{0,8}(s|m|h|d), a day being 24 hours. kInvalidArgument with one sentence that
// says what is wrong with it, without repeating it: no unit, two units, zero, a sign, a fraction,
// more than 3650 days.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// The same grammar, in the largest unit that is exact: 90m, 2h, 45s. Parts of a second are dropped.
std::string ExactDuration(absl::Duration duration);

// For reading only, in at most two units: "1h 30m", "4m 12s", "3d 2h"; "0s" below one second.
std::string RoughDuration(absl::Duration duration);

// "2026-11-20 10:26:36 UTC"; "-" for the two infinities.
std::string FormatInstant(absl::Time time);

}  // namespace jit::console
