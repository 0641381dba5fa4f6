// Canonical JSON: one value, one spelling.
//
// UTF-8, object keys sorted by byte, no insignificant space, integers only (64 bit signed), strings
// escaped as little as RFC 8259 allows. Pure; safe from any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::ledger {

using Json = nlohmann::json;  // object keys are kept sorted

constexpr int kJsonDepthMax = 32;  // objects and arrays inside one another

// The canonical bytes. kInvalidArgument on floats, integers beyond 64 signed bits, strings that are
// not UTF-8, and depth above kJsonDepthMax.
absl::StatusOr<std::string> CanonicalBytes(const Json& value);

// Parses text that must be in canonical form already (duplicate keys, spaces, floats and depth
// above kJsonDepthMax are errors). kInvalidArgument, without the content.
absl::StatusOr<Json> ParseCanonical(absl::string_view text);

}  // namespace jit::ledger
