#include "broker/core/free_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"

namespace jit::core {
namespace {

// How many bytes the well-formed sequence at the front of `text` has; 0 when there is none.
// The ranges are those of RFC 3629 section 4.
std::size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto is_tail = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  const std::uint8_t lead = byte(0);
  if (lead <= 0x7F) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return is_tail(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong form
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;  // no surrogate
    return byte(1) >= low && byte(1) <= high && is_tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;   // no overlong form
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
    return byte(1) >= low && byte(1) <= high && is_tail(2) && is_tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string AsFreeText(absl::string_view said) {
  constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";
  std::string kept;
  while (!said.empty()) {
    const std::size_t length = SequenceLength(said);
    const bool fit = length > 0 && said.front() != '\0';
    const absl::string_view next = fit ? said.substr(0, length) : kReplacement;
    if (kept.size() + next.size() > kOutsideTextBytesMax) {
      break;
    }
    kept.append(next.data(), next.size());
    said.remove_prefix(fit ? length : 1);
  }
  return kept;
}

absl::Status CheckFreeText(absl::string_view text, const FreeTextRule& rule) {
  if (text.empty() && rule.needed == Needed::kRequired) {
    return Refuse(Reason::kReasonEmpty,
                  absl::StrCat(rule.what, " is empty; say why in a sentence"));
  }
  if (text.size() > rule.bytes_max) {
    return Refuse(Reason::kReasonTooLong, absl::StrCat(rule.what, " is longer than the ",
                                                       rule.bytes_max, " bytes allowed"));
  }
  if (!IsUtf8(text) || text.find('\0') != absl::string_view::npos) {
    return Refuse(Reason::kReasonNotUtf8,
                  absl::StrCat(rule.what, " is not UTF-8 text without NUL bytes"));
  }
  return absl::OkStatus();
}

}  // namespace jit::core
