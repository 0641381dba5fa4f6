// What requests about leases and requests about changes have in common, checked once.
//
// Promises: what comes back is within its limits; what is not is refused with its reason. Knows no
// single message, only the fields they share. Pure; safe from any thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/core/names.h"
#include "broker/core/refusal.h"

namespace jit::rpc {

// google.protobuf.Duration and Timestamp: nanos are below this.
inline constexpr std::int32_t kNanosPerSecond = 1'000'000'000;

// The id of what `request` changes; its idempotency id is checked too, so that parsing it again
// cannot fail.
template <class Id, class Request>
absl::StatusOr<Id> Mutated(const std::string& text, const Request& request) {
  absl::StatusOr<Id> id = Id::Parse(text);
  if (!id.ok()) {
    return id.status();
  }
  const absl::StatusOr<core::IdempotencyId> idempotency_id =
      core::IdempotencyId::Parse(request.idempotency_id());
  if (!idempotency_id.ok()) {
    return idempotency_id.status();
  }
  return id;
}

// Whether digest and signature have the form of such: a lower-case hexadecimal SHA-256, and base64
// with room to spare. Whether they are right is for others to say.
template <class Request>
absl::Status CheckSigned(const Request& request) {
  constexpr std::size_t kDigestBytes = 64;
  constexpr std::size_t kSignatureBytesMax = 1024;
  if (request.digest().size() != kDigestBytes) {
    return core::Refuse(core::Reason::kDigestMismatch,
                        "the digest is not that of a statement; look at it again and sign that");
  }
  if (request.signature().empty() || request.signature().size() > kSignatureBytesMax) {
    return core::Refuse(core::Reason::kSignatureInvalid,
                        "there is no signature, or it is none of a known kind");
  }
  return absl::OkStatus();
}

// An unset number is the default, a larger one than the most becomes that.
inline absl::StatusOr<int> Limit(absl::string_view what, int asked, int unset, int most) {
  if (asked < 0) {
    return core::Refuse(core::Reason::kMalformedName,
                        absl::StrCat(what, " is a number from 1 to ", most));
  }
  return asked == 0 ? unset : std::min(asked, most);
}

// An empty name is no filter.
inline absl::StatusOr<std::optional<core::TargetName>> TargetFilter(const std::string& target) {
  if (target.empty()) {
    return std::optional<core::TargetName>();
  }
  absl::StatusOr<core::TargetName> name = core::TargetName::Parse(target);
  if (!name.ok()) {
    return name.status();
  }
  return std::optional<core::TargetName>(*std::move(name));
}

// Fills what orders for lists share: how many, after which, in which states, on which target.
// `state_of` answers nothing for a state that `of_what` does not have.
template <class Id, class Order, class Request, class StateOf>
absl::Status FillListOrder(const Request& request, int unset, int most, const StateOf& state_of,
                           absl::string_view of_what, Order& order) {
  const absl::StatusOr<int> limit = Limit("a page size", request.page_size(), unset, most);
  if (!limit.ok()) {
    return limit.status();
  }
  order.limit = *limit;
  if (!request.page_token().empty()) {
    absl::StatusOr<Id> after = Id::Parse(request.page_token());
    if (!after.ok()) {
      return core::Refuse(core::Reason::kMalformedName, "the page token is none of ours");
    }
    order.after = *std::move(after);
  }
  for (const int state : request.states()) {
    const auto wanted = state_of(state);
    if (!wanted.has_value()) {
      return core::Refuse(core::Reason::kMalformedName,
                          absl::StrCat("there is no such state of a ", of_what));
    }
    if (std::find(order.states.begin(), order.states.end(), *wanted) == order.states.end()) {
      order.states.push_back(*wanted);
    }
  }
  absl::StatusOr<std::optional<core::TargetName>> target = TargetFilter(request.target());
  if (!target.ok()) {
    return target.status();
  }
  order.target = *std::move(target);
  return absl::OkStatus();
}

}  // namespace jit::rpc
