// Text is canonical exactly when parsing it and writing it again gives the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/ledger/canonical_json.h"

namespace {

using jit::ledger::Json;

// Objects and arrays inside one another, not counting brackets in strings.
bool IsDeep(absl::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string) {
      in_string = text[i] != '"';
      i += text[i] == '\\' ? 1 : 0;
    } else if (text[i] == '"') {
      in_string = true;
    } else if (text[i] == '{' || text[i] == '[') {
      if (++depth > jit::ledger::kJsonDepthMax) return true;
    } else if (text[i] == '}' || text[i] == ']') {
      --depth;
    }
  }
  return false;
}

bool IsWrittenAgainTheSame(absl::string_view text) {
  const Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_discarded()) return false;
  const absl::StatusOr<std::string> bytes = jit::ledger::CanonicalBytes(value);
  return bytes.ok() && *bytes == text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const bool canonical = jit::ledger::ParseCanonical(text).ok();
  if (IsDeep(text)) {
    if (canonical) std::abort();
    return 0;
  }
  if (canonical != IsWrittenAgainTheSame(text)) std::abort();
  return 0;
}
