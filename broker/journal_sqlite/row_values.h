// How times and names stand in the rows of summaries.
//
// Promises: a finite time comes back to the microsecond. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>

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

}  // namespace jit::journal_sqlite
