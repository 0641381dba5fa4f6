// What the broker and the parser's worker say to each other, as bytes.
//
// Promises: a Script that was written comes back the same; a reader of hostile bytes answers
// kDataLoss and never crashes, since the worker may have been taken over by the script it read.
// Knows no parser. Values; safe from any thread.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/sql/script.h"

namespace jit::sql {

// A script with a finding for every few bytes stays below it.
constexpr std::size_t kAnswerBytesMax = std::size_t{32} * 1024 * 1024;

// Canonical: one Script has one text (JSON, keys sorted, no space).
std::string ScriptToBytes(const Script& script);
absl::StatusOr<Script> ScriptFromBytes(absl::string_view bytes);

// The worker's answer: the script, or why there is none. Any error but kDataLoss that comes out of
// AnswerFromBytes is the worker's own kInvalidArgument.
std::string AnswerToBytes(const absl::StatusOr<Script>& answer);
absl::StatusOr<Script> AnswerFromBytes(absl::string_view bytes);

// One message on a stream: four bytes of length, most significant first, and the bytes.
std::string Framed(absl::string_view bytes);
constexpr std::size_t kFrameHeadBytes = 4;
std::size_t FrameLength(absl::string_view head);  // of the four bytes

}  // namespace jit::sql
