// Text that people write in their own words: reasons, notes, findings, incidents.
//
// Promises: text that passes is valid UTF-8 without NUL and within its limit, so that it can be
// kept and signed as it is. Does not make it safe to show: control and bidirectional characters
// pass and are made visible by whoever prints them. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jit::core {

constexpr std::size_t kFreeTextBytesMax = 1024;
constexpr std::size_t kIncidentBytesMax = 128;
constexpr std::size_t kOutsideTextBytesMax = 4096;

enum class Needed { kRequired, kOptional };

struct FreeTextRule {
  absl::string_view what;  // how the refusal calls it: "the reason"
  Needed needed = Needed::kRequired;
  std::size_t bytes_max = kFreeTextBytesMax;
};

// Refuses with kReasonEmpty, kReasonTooLong or kReasonNotUtf8; the text is not echoed.
absl::Status CheckFreeText(absl::string_view text, const FreeTextRule& rule);

// Well-formed UTF-8 as of RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text);

// What an outside system said, made fit to be kept: bytes that are not UTF-8, and NUL, become
// U+FFFD, and what is beyond 4,096 bytes is cut off. An outcome must be recordable whatever the
// target wrote into its message.
std::string AsFreeText(absl::string_view said);

}  // namespace jit::core
