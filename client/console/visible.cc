#include "client/console/visible.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace jit::console {
namespace {

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t bytes = 0;  // 0: the first byte starts no well-formed sequence
};

// RFC 3629 section 4: overlong forms, surrogates and anything above U+10FFFF are malformed.
Decoded DecodeFirst(absl::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return {};
  std::uint32_t code_point = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = (code_point << 6) | (byte(i) & 0x3Fu);
  }
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kLeast[length] || surrogate || code_point > 0x10FFFF) return {};
  return {code_point, length};
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Sorted. Spaces that are not U+0020 are in it as well: they look like one and compare unlike it.
constexpr std::array kHidden = {
    Range{0x0080, 0x00A0},     // C1 controls, no-break space
    Range{0x00AD, 0x00AD},     // soft hyphen
    Range{0x034F, 0x034F},     // combining grapheme joiner
    Range{0x0600, 0x0605},     // Arabic number signs (Cf)
    Range{0x061C, 0x061C},     // Arabic letter mark
    Range{0x06DD, 0x06DD},     // end of ayah (Cf)
    Range{0x070F, 0x070F},     // Syriac abbreviation mark (Cf)
    Range{0x0890, 0x0891},     // Arabic pound and piastre marks (Cf)
    Range{0x08E2, 0x08E2},     // disputed end of ayah (Cf)
    Range{0x115F, 0x1160},     // Hangul fillers
    Range{0x1680, 0x1680},     // Ogham space
    Range{0x17B4, 0x17B5},     // Khmer inherent vowels
    Range{0x180B, 0x180F},     // Mongolian selectors and vowel separator
    Range{0x2000, 0x200F},     // wide and narrow spaces, zero width, direction marks
    Range{0x2028, 0x202F},     // line and paragraph separator, bidi embedding and override
    Range{0x205F, 0x206F},     // medium space, word joiner, invisible operators, bidi isolates
    Range{0x2800, 0x2800},     // blank Braille pattern
    Range{0x3000, 0x3000},     // ideographic space
    Range{0x3164, 0x3164},     // Hangul filler
    Range{0xE000, 0xF8FF},     // private use
    Range{0xFDD0, 0xFDEF},     // noncharacters
    Range{0xFE00, 0xFE0F},     // variation selectors
    Range{0xFEFF, 0xFEFF},     // byte order mark
    Range{0xFFA0, 0xFFA0},     // halfwidth Hangul filler
    Range{0xFFF0, 0xFFFB},     // unassigned ignorable, interlinear annotation
    Range{0xFFFE, 0xFFFF},     // noncharacters
    Range{0x110BD, 0x110BD},   // Kaithi number sign (Cf)
    Range{0x110CD, 0x110CD},   // Kaithi number sign above (Cf)
    Range{0x13430, 0x1343F},   // Egyptian hieroglyph format controls
    Range{0x1BCA0, 0x1BCA3},   // shorthand format controls
    Range{0x1D173, 0x1D17A},   // musical format controls
    Range{0xE0000, 0x10FFFF},  // tags, variation selectors, private use planes
};

constexpr std::array kCombining = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
    Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
    Range{0x20D0, 0x20FF}, Range{0x3099, 0x309A}, Range{0xFE20, 0xFE2F},
};

constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x4DBF},
    Range{0x4E00, 0xA4CF},   Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF01, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
    Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

template <std::size_t N>
bool In(const std::array<Range, N>& table, std::uint32_t code_point) {
  const auto after = std::upper_bound(
      table.begin(), table.end(), code_point,
      [](std::uint32_t wanted, const Range& range) { return wanted < range.first; });
  return after != table.begin() && code_point <= std::prev(after)->last;
}

int ColumnsOf(std::uint32_t code_point) {
  if (In(kCombining, code_point)) return 0;
  return In(kWide, code_point) ? 2 : 1;
}

enum class Backslash { kDouble, kKeep };

void AppendAscii(std::string& out, std::uint8_t byte, Backslash backslash) {
  if (byte == '\n') {
    out += "\\n";
  } else if (byte == '\r') {
    out += "\\r";
  } else if (byte == '\t') {
    out += "\\t";
  } else if (byte == '\\' && backslash == Backslash::kDouble) {
    out += "\\\\";
  } else if (byte < 0x20 || byte >= 0x7F) {
    absl::StrAppendFormat(&out, "\\x%02x", byte);
  } else {
    out += static_cast<char>(byte);
  }
}

std::string Escaped(absl::string_view text, Backslash backslash) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded first = DecodeFirst(text);
    if (first.bytes <= 1) {
      AppendAscii(out, static_cast<std::uint8_t>(text[0]), backslash);
    } else if (In(kHidden, first.code_point)) {
      absl::StrAppendFormat(&out, "\\u{%x}", first.code_point);
    } else {
      absl::StrAppend(&out, text.substr(0, first.bytes));
    }
    text.remove_prefix(std::max<std::size_t>(first.bytes, 1));
  }
  return out;
}

}  // namespace

std::string Visible(absl::string_view text) {
  return Escaped(text, Backslash::kDouble);
}

std::string VisibleOnce(absl::string_view text) {
  return Escaped(text, Backslash::kKeep);
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const Decoded first = DecodeFirst(text);
    if (first.bytes == 0) return false;
    text.remove_prefix(first.bytes);
  }
  return true;
}

int WidthOf(absl::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const Decoded first = DecodeFirst(text);
    columns += ColumnsOf(first.code_point);
    text.remove_prefix(std::max<std::size_t>(first.bytes, 1));
  }
  return columns;
}

std::size_t PrefixWithin(absl::string_view text, int columns) {
  std::size_t taken = 0;
  while (taken < text.size()) {
    const Decoded next = DecodeFirst(text.substr(taken));
    columns -= ColumnsOf(next.code_point);
    if (columns < 0 && taken > 0) break;
    taken += std::max<std::size_t>(next.bytes, 1);
  }
  return taken;
}

}  // namespace jit::console
