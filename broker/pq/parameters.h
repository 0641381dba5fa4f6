// Values on their way into a statement, always bound, never part of its text.
//
// Promises: what goes in arrives as it is, whatever bytes it holds, except NUL, which PostgreSQL
// cannot store and which makes the statement fail before it is sent. Value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jit::pq {

class Parameters {
 public:
  Parameters& Text(absl::string_view value);
  Parameters& Integer(std::int64_t value);
  enum class Truth { kFalse, kTrue };
  Parameters& Boolean(Truth value);
  Parameters& Null();
  // A one-dimensional array in PostgreSQL's text form, every element quoted.
  Parameters& TextArray(const std::vector<std::string>& values);
  Parameters& IntegerArray(const std::vector<std::int64_t>& values);

  const std::vector<std::optional<std::string>>& values() const { return values_; }
  // What an error message may not repeat: every text that was bound, array elements one by one.
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::optional<std::string>> values_;
  std::vector<std::string> texts_;
};

}  // namespace jit::pq
