// Lengths of time as people write them in a policy: one whole number with one unit, `90s`, `30m`,
// `4h`, `7d`. The command line of the clients keeps the same grammar (docs/reference/policy.md).
//
// Pure; safe from any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jit::policy_files {

// Accepts [1-9][0-9]* followed by one of s, m, h, d, up to 3660 days. Everything else, among it
// "0m", "-5m", "1.5h", "1h1h", "1h30m", " 5m" and "5", is kInvalidArgument with a sentence that
// says what to write; the text is not repeated.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// The shortest spelling that ParseDuration reads back as the same time: 3600 s is "1h", 5400 s is
// "90m". Takes whole positive seconds; anything else is rounded towards zero, and zero is "0s".
std::string DurationText(absl::Duration duration);

}  // namespace jit::policy_files
