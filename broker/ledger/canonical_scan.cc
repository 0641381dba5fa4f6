#include "broker/ledger/canonical_scan.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "broker/ledger/canonical_json.h"

namespace jit::ledger {
namespace {

constexpr absl::string_view kShortEscapes = "\"\\bfnrt";
constexpr absl::string_view kShortMeanings = "\"\\\b\f\n\r\t";

std::uint8_t At(absl::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
}

bool IsContinuation(std::uint8_t byte) {
  return (byte & 0xC0) == 0x80;
}

// The bytes of the well-formed UTF-8 sequence at the start of the text, which begins with a byte of
// 0x80 or above; 0 when it is not well formed (RFC 3629 section 4).
std::size_t Utf8Length(absl::string_view text) {
  const std::uint8_t first = At(text, 0);
  const std::uint8_t second = At(text, 1);
  if (first >= 0xC2 && first <= 0xDF) {
    return IsContinuation(second) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool good = IsContinuation(second) && IsContinuation(At(text, 2));
    return good && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool beyond = first == 0xF4 && second > 0x8F;
    const bool good =
        IsContinuation(second) && IsContinuation(At(text, 2)) && IsContinuation(At(text, 3));
    return good && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// The value of the one hex digit a canonical \u00XX varies in, lower case only.
int HexDigit(std::uint8_t c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The bytes of the escape at the start of the text, and the character it stands for; 0 bytes when
// it is none, or one that canonical form spells in another way.
std::size_t EscapeLength(absl::string_view text, char& meaning) {
  const std::size_t place = kShortEscapes.find(static_cast<char>(At(text, 1)));
  if (text.size() >= 2 && place != absl::string_view::npos) {
    meaning = kShortMeanings[place];
    return 2;
  }
  const absl::string_view head = text.substr(0, 5);
  const int low = HexDigit(At(text, 5));
  if ((head != "\\u000" && head != "\\u001") || low < 0) {
    return 0;
  }
  meaning = static_cast<char>((head[4] == '1' ? 16 : 0) + low);
  return kShortMeanings.find(meaning) == absl::string_view::npos ? 6 : 0;
}

// What a key means, for comparing: `raw` is canonical.
std::string Meaning(absl::string_view raw) {
  std::string text;
  while (!raw.empty()) {
    char meaning = raw.front();
    raw.remove_prefix(raw.front() == '\\' ? EscapeLength(raw, meaning) : 1);
    text.push_back(meaning);
  }
  return text;
}

}  // namespace

bool CanonicalScan::Literal(absl::string_view literal) {
  return absl::ConsumePrefix(&rest_, literal);
}

std::optional<absl::string_view> CanonicalScan::String() {
  if (!Literal("\"")) {
    return std::nullopt;
  }
  std::size_t i = 0;
  while (i < rest_.size()) {
    const auto c = static_cast<std::uint8_t>(rest_[i]);
    char meaning = 0;
    std::size_t length = 1;
    if (c == '"') {
      const absl::string_view raw = rest_.substr(0, i);
      rest_.remove_prefix(i + 1);
      return raw;
    }
    if (c == '\\') {
      length = EscapeLength(rest_.substr(i), meaning);
    } else if (c >= 0x80) {
      length = Utf8Length(rest_.substr(i));
    } else if (c < ' ') {
      length = 0;
    }
    if (length == 0) {
      return std::nullopt;
    }
    i += length;
  }
  return std::nullopt;
}

std::optional<std::int64_t> CanonicalScan::Integer() {
  const auto is_part = [](char c) { return c == '-' || (c >= '0' && c <= '9'); };
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_part);
  const absl::string_view digits = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  const absl::string_view unsigned_digits = absl::StripPrefix(digits, "-");
  std::int64_t number = 0;
  const bool zero = unsigned_digits.substr(0, 1) == "0";
  if ((zero && digits != "0") || !absl::SimpleAtoi(digits, &number)) {
    return std::nullopt;
  }
  rest_.remove_prefix(digits.size());
  return number;
}

bool CanonicalScan::Enter(int depth) {
  too_deep_ = too_deep_ || depth >= kJsonDepthMax;
  return !too_deep_;
}

// Steps over `"key":`; keys grow, so none occurs twice.
bool CanonicalScan::Key(std::string& previous, Place place) {
  const std::optional<absl::string_view> raw = String();
  if (!raw.has_value() || !Literal(":")) {
    return false;
  }
  std::string key = Meaning(*raw);
  if (place == Place::kLater && key <= previous) {
    return false;
  }
  previous.swap(key);
  return true;
}

bool CanonicalScan::Object(int depth) {
  if (!Enter(depth) || !Literal("{")) {
    return false;
  }
  if (Literal("}")) {
    return true;
  }
  std::string previous;
  Place place = Place::kFirst;
  do {
    if (!Key(previous, place) || !Value(depth + 1)) {
      return false;
    }
    place = Place::kLater;
  } while (Literal(","));
  return Literal("}");
}

bool CanonicalScan::Array(int depth) {
  if (!Enter(depth) || !Literal("[")) {
    return false;
  }
  if (Literal("]")) {
    return true;
  }
  do {
    if (!Value(depth + 1)) {
      return false;
    }
  } while (Literal(","));
  return Literal("]");
}

bool CanonicalScan::Value(int depth) {
  switch (At(rest_, 0)) {
    case '{':
      return Object(depth);
    case '[':
      return Array(depth);
    case '"':
      return String().has_value();
    case 't':
      return Literal("true");
    case 'f':
      return Literal("false");
    case 'n':
      return Literal("null");
    default:
      return Integer().has_value();
  }
}

}  // namespace jit::ledger
