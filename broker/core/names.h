// The nouns everything else is keyed by, as types that cannot be mixed up.
//
// Promises: a value of one of these types has passed its check, so nobody behind the border checks
// again. Knows nothing of where names come from. Values; safe to share between threads.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::core {

// A name of ours: 1 to 63 bytes of [a-z0-9._-], the first a letter or digit. Case is never folded:
// `Prod` is not `prod`, it is malformed, and the refusal says so.
template <class Tag>
class Name {
 public:
  // Refuses with Reason::kMalformedName. The text is not echoed.
  static absl::StatusOr<Name> Parse(absl::string_view text);

  const std::string& text() const { return text_; }
  friend auto operator<=>(const Name&, const Name&) = default;
  template <class H>
  friend H AbslHashValue(H h, const Name& name) {
    return H::combine(std::move(h), name.text_);
  }

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using PersonId = Name<struct PersonTag>;    // one human
using GroupName = Name<struct GroupTag>;    // a group of the directory
using TargetName = Name<struct TargetTag>;  // one PostgreSQL database under our care
using RoleName = Name<struct RoleTag>;      // what policy offers on a target
using RuleName = Name<struct RuleTag>;      // one rule of a policy file
using SeatName = Name<struct SeatTag>;      // one approval a rule demands

// A PostgreSQL group role that a login is put into: 1 to 63 bytes of [a-z0-9_], not starting with
// `pg_` (those are predefined powers) nor `jit_` (those are ours).
class PgGroup {
 public:
  static absl::StatusOr<PgGroup> Parse(absl::string_view text);
  const std::string& text() const { return text_; }
  friend auto operator<=>(const PgGroup&, const PgGroup&) = default;

 private:
  explicit PgGroup(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// An identity of 128 random bits, written as 26 characters of lower-case base32 (RFC 4648 alphabet,
// no padding; the last character carries three bits, so its two low bits are zero).
template <class Tag>
class RandomId {
 public:
  using Bytes = std::array<std::uint8_t, 16>;
  static RandomId FromBytes(const Bytes& bytes);
  // Accepts exactly the form text() gives. Refuses with Reason::kMalformedName.
  static absl::StatusOr<RandomId> Parse(absl::string_view text);

  const std::string& text() const { return text_; }
  friend auto operator<=>(const RandomId&, const RandomId&) = default;
  template <class H>
  friend H AbslHashValue(H h, const RandomId& id) {
    return H::combine(std::move(h), id.text_);
  }

 private:
  explicit RandomId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using LeaseId = RandomId<struct LeaseTag>;    // one person's bid for one role on one target
using ChangeId = RandomId<struct ChangeTag>;  // one SQL script on its way

// The PostgreSQL role made for one lease: `jit_` and the lease id, 30 bytes, never reused.
class LoginName {
 public:
  static LoginName Of(const LeaseId& lease);
  // Accepts exactly the form Of() gives; anything else is not ours and is refused.
  static absl::StatusOr<LoginName> Parse(absl::string_view text);

  const std::string& text() const { return text_; }
  LeaseId lease() const;
  friend auto operator<=>(const LoginName&, const LoginName&) = default;

 private:
  explicit LoginName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// What a caller sends so that a repeated mutation is answered, not repeated: 8 to 64 bytes of
// [A-Za-z0-9-]. Meaningful only together with the person who sent it.
class IdempotencyId {
 public:
  static absl::StatusOr<IdempotencyId> Parse(absl::string_view text);
  const std::string& text() const { return text_; }
  friend auto operator<=>(const IdempotencyId&, const IdempotencyId&) = default;

 private:
  explicit IdempotencyId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

extern template class Name<struct PersonTag>;
extern template class Name<struct GroupTag>;
extern template class Name<struct TargetTag>;
extern template class Name<struct RoleTag>;
extern template class Name<struct RuleTag>;
extern template class Name<struct SeatTag>;
extern template class RandomId<struct LeaseTag>;
extern template class RandomId<struct ChangeTag>;

}  // namespace jit::core
