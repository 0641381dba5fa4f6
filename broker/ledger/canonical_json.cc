#include "broker/ledger/canonical_json.h"

#include <cstdint>
#include <exception>
#include <limits>

#include "absl/status/status.h"
#include "broker/ledger/canonical_scan.h"

namespace jit::ledger {
namespace {

absl::Status CheckValue(const Json& value, int depth) {
  switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::boolean:
    case Json::value_t::string:
    case Json::value_t::number_integer:
      return absl::OkStatus();
    case Json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return absl::InvalidArgumentError("a number does not fit in 64 signed bits");
      }
      return absl::OkStatus();
    case Json::value_t::number_float:
      return absl::InvalidArgumentError("a number is not an integer");
    case Json::value_t::object:
    case Json::value_t::array:
      break;
    case Json::value_t::binary:
    case Json::value_t::discarded:
      return absl::InvalidArgumentError("a value has no JSON form");
  }
  if (depth >= kJsonDepthMax) {
    return absl::InvalidArgumentError("nested too deeply");
  }
  for (const Json& child : value) {
    if (absl::Status status = CheckValue(child, depth + 1); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> CanonicalBytes(const Json& value) {
  if (absl::Status status = CheckValue(value, 0); !status.ok()) {
    return status;
  }
  try {
    return value.dump();  // strict: throws on bytes that are not UTF-8
  } catch (const Json::exception&) {
    return absl::InvalidArgumentError("a string is not UTF-8");
  }
}

absl::StatusOr<Json> ParseCanonical(absl::string_view text) {
  // The scan comes first: it bounds the depth before anything recursive sees the text, and refuses
  // every spelling that writing the value again would not give.
  CanonicalScan scan(text);
  if (!scan.Value(0) || !scan.rest().empty()) {
    return absl::InvalidArgumentError(scan.too_deep() ? "nested too deeply"
                                                      : "not JSON in canonical form");
  }
  Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return absl::InvalidArgumentError("not JSON in canonical form");
  }
  return value;
}

}  // namespace jit::ledger
