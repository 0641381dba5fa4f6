// One line of the journal, and the bytes that are hashed.
//
// Promises: Encode is canonical: a record has exactly one form (JSON, UTF-8, keys sorted, no
// insignificant space, no floats, times as RFC 3339 UTC with six digits, every field present), and
// Decode accepts that form only. Knows no lease: `body` is a JSON object it does not look into.
// Pure; safe from any thread. Grammar: docs/design/ledger.md.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jit::ledger {

// A review of a change holds its script and its report, twice over.
constexpr std::size_t kRecordBytesMax = std::size_t{8} * 1024 * 1024;

struct Record {
  std::int64_t sequence = 0;  // position in the tree, from 0
  std::string stream;         // "lease/<id>": 1 to 200 bytes of visible ASCII but quote, backslash
  std::int64_t version = 0;   // position in the stream, from 1
  absl::Time time;            // cut to microseconds when encoded; the years 0001 to 9999
  std::string type;           // "lease.asked.v1": the same alphabet as a stream
  std::string body;           // canonical JSON object
  friend bool operator==(const Record&, const Record&) = default;
};

// The bytes of the record, one line without the newline. kInvalidArgument when body is not a
// canonical object, a field is outside its limits, or the line would exceed kRecordBytesMax.
absl::StatusOr<std::string> Encode(const Record& record);

// The record of such a line. kDataLoss with what is wrong, never with the content.
absl::StatusOr<Record> Decode(absl::string_view line);

// "2026-11-20T10:26:36.000000Z" and back; nothing else is accepted (kInvalidArgument). What is
// finer than a microsecond is cut off. InfiniteFuture, InfinitePast and what is outside the years
// 0001 to 9999 have no such form: to format them is a bug of the caller and stops the process.
std::string FormatTime(absl::Time time);
absl::StatusOr<absl::Time> ParseTime(absl::string_view text);

}  // namespace jit::ledger
