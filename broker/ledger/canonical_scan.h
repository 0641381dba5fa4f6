// Tells canonical JSON from everything else in one pass, without building anything.
//
// Promises: accepts exactly what CanonicalBytes writes (a test and a fuzz target compare it with
// parsing and writing again); looks at each byte once and nests no deeper than kJsonDepthMax. Made
// for reading a journal of millions of records. Pure; not shared between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace jit::ledger {

class CanonicalScan {
 public:
  explicit CanonicalScan(absl::string_view text) : rest_(text) {}

  // Each steps over one such thing and answers whether it was there. After a `false` the scan is
  // worth nothing any more. `depth` is the number of objects and arrays around the value.
  bool Value(int depth);
  bool Object(int depth);
  bool Literal(absl::string_view literal);
  std::optional<std::int64_t> Integer();
  // The string's bytes between the quotes, escapes as they stand.
  std::optional<absl::string_view> String();

  absl::string_view rest() const { return rest_; }
  bool too_deep() const { return too_deep_; }

 private:
  bool Array(int depth);
  enum class Place { kFirst, kLater };
  bool Key(std::string& previous, Place place);
  bool Enter(int depth);

  absl::string_view rest_;
  bool too_deep_ = false;
};

}  // namespace jit::ledger
