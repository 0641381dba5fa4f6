#include "broker/core/names.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"

namespace jit::core {
namespace {

constexpr std::size_t kNameBytesMax = 63;  // PostgreSQL cuts longer identifiers off
constexpr std::size_t kRandomIdBytes = 26;
constexpr absl::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr absl::string_view kLoginPrefix = "jit_";

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}

// What an id of this kind is called in a refusal.
template <class Tag>
constexpr absl::string_view WordOf();
template <>
constexpr absl::string_view WordOf<LeaseTag>() {
  return "lease";
}
template <>
constexpr absl::string_view WordOf<ChangeTag>() {
  return "change";
}

absl::Status MalformedName(absl::string_view sentence) {
  return Refuse(Reason::kMalformedName, sentence);
}

absl::Status CheckName(absl::string_view text) {
  if (text.empty()) {
    return MalformedName("a name is missing");
  }
  if (text.size() > kNameBytesMax) {
    return MalformedName("names are at most 63 bytes long");
  }
  if (std::any_of(text.begin(), text.end(), IsUpper)) {
    return MalformedName("names are lower-case: a-z, 0-9, '.', '_' and '-'");
  }
  const auto allowed = [](char c) { return IsLowerOrDigit(c) || c == '.' || c == '_' || c == '-'; };
  if (!std::all_of(text.begin(), text.end(), allowed)) {
    return MalformedName("names are made of a-z, 0-9, '.', '_' and '-' only");
  }
  if (!IsLowerOrDigit(text.front())) {
    return MalformedName("names begin with a letter or a digit");
  }
  return absl::OkStatus();
}

}  // namespace

template <class Tag>
absl::StatusOr<Name<Tag>> Name<Tag>::Parse(absl::string_view text) {
  if (const absl::Status status = CheckName(text); !status.ok()) {
    return status;
  }
  return Name(std::string(text));
}

template class Name<struct PersonTag>;
template class Name<struct GroupTag>;
template class Name<struct TargetTag>;
template class Name<struct RoleTag>;
template class Name<struct RuleTag>;
template class Name<struct SeatTag>;

absl::StatusOr<PgGroup> PgGroup::Parse(absl::string_view text) {
  if (text.empty() || text.size() > kNameBytesMax) {
    return MalformedName("a PostgreSQL group is named with 1 to 63 bytes");
  }
  const auto allowed = [](char c) { return IsLowerOrDigit(c) || c == '_'; };
  if (!std::all_of(text.begin(), text.end(), allowed)) {
    return MalformedName("PostgreSQL groups are made of a-z, 0-9 and '_' only");
  }
  if (absl::StartsWith(text, "pg_")) {
    return MalformedName(
        "groups that begin with pg_ are predefined powers and are never given out");
  }
  if (absl::StartsWith(text, kLoginPrefix)) {
    return MalformedName("groups that begin with jit_ are reserved for the broker");
  }
  return PgGroup(std::string(text));
}

template <class Tag>
RandomId<Tag> RandomId<Tag>::FromBytes(const Bytes& bytes) {
  std::string text;
  text.reserve(kRandomIdBytes);
  unsigned buffer = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += kBase32[(buffer >> bits) & 31U];
    }
    buffer &= (1U << bits) - 1U;
  }
  text += kBase32[(buffer << (5 - bits)) & 31U];
  return RandomId(std::move(text));
}

template <class Tag>
absl::StatusOr<RandomId<Tag>> RandomId<Tag>::Parse(absl::string_view text) {
  if (text.size() != kRandomIdBytes) {
    return MalformedName(absl::StrCat("a ", WordOf<Tag>(), " id is 26 characters long"));
  }
  if (std::any_of(text.begin(), text.end(), IsUpper)) {
    return MalformedName(absl::StrCat(WordOf<Tag>(), " ids are lower-case: a-z and 2-7"));
  }
  const auto allowed = [](char c) { return kBase32.find(c) != absl::string_view::npos; };
  if (!std::all_of(text.begin(), text.end(), allowed)) {
    return MalformedName(absl::StrCat("a ", WordOf<Tag>(), " id is made of a-z and 2-7 only"));
  }
  if ((kBase32.find(text.back()) & 3U) != 0) {
    return MalformedName(
        absl::StrCat("this is not a ", WordOf<Tag>(), " id: its last character cannot be one"));
  }
  return RandomId(std::string(text));
}

LoginName LoginName::Of(const LeaseId& lease) {
  return LoginName(absl::StrCat(kLoginPrefix, lease.text()));
}

absl::StatusOr<LoginName> LoginName::Parse(absl::string_view text) {
  if (!absl::StartsWith(text, kLoginPrefix)) {
    return MalformedName("a login of ours begins with jit_");
  }
  const absl::StatusOr<LeaseId> lease = LeaseId::Parse(text.substr(kLoginPrefix.size()));
  if (!lease.ok()) {
    return MalformedName("a login of ours is jit_ and a lease id");
  }
  return Of(*lease);
}

LeaseId LoginName::lease() const {
  // The text was made from a lease id or checked against one.
  return LeaseId::Parse(absl::string_view(text_).substr(kLoginPrefix.size())).value();
}

absl::StatusOr<IdempotencyId> IdempotencyId::Parse(absl::string_view text) {
  const auto allowed = [](char c) { return IsLowerOrDigit(c) || IsUpper(c) || c == '-'; };
  if (text.size() < 8 || text.size() > 64 || !std::all_of(text.begin(), text.end(), allowed)) {
    return Refuse(Reason::kMalformedIdempotencyId,
                  "an idempotency id is 8 to 64 characters of A-Z, a-z, 0-9 and '-'");
  }
  return IdempotencyId(std::string(text));
}

template class RandomId<struct LeaseTag>;
template class RandomId<struct ChangeTag>;

}  // namespace jit::core
