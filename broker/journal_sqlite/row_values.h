// How times and names stand in the rows of summaries.
//
// Promises: a finite time comes back to the microsecond. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/journal_sqlite/database.h"

namespace jit::journal_sqlite {

inline bool IsFinite(absl::Time time) {
  return time != absl::InfiniteFuture() && time != absl::InfinitePast();
}

inline Value MicrosOf(const std::optional<absl::Time>& time) {
  return time.has_value() ? Value(absl::ToUnixMicros(*time)) : Value();
}

inline std::optional<absl::Time> TimeOf(std::optional<std::int64_t> micros) {
  return micros.has_value() ? std::optional(absl::FromUnixMicros(*micros)) : std::nullopt;
}

// A name or an id that may be missing. Must outlive what it is bound to.
template <class Name>
Value TextOf(const std::optional<Name>& name) {
  return name.has_value() ? Value(absl::string_view(name->text())) : Value();
}

// States as a JSON array of their words, for json_each. StateWord is found beside the state.
template <class State>
std::string WordsOf(const std::vector<State>& states) {
  std::string words = "[";
  for (const State state : states) {
    absl::StrAppend(&words, words.size() > 1 ? "," : "", "\"", StateWord(state), "\"");
  }
  return words + "]";
}

}  // namespace jit::journal_sqlite
