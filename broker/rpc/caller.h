// Who is calling: from the certificate of the connection, anew for every call.
//
// Promises: a Caller is only ever made by Identify, from the one URI SAN of a certificate that TLS
// has verified, and travels as a value with its call. Nothing of it is kept in the connection,
// where one call could see another's.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/person.h"
#include "broker/rpc/deny_list.h"

namespace jit::rpc {

struct Caller {
  core::PersonId person;
  std::string identity;         // the URI SAN
  std::string certificate_pem;  // as presented, kept beside what its key signs
  std::set<core::GroupName> groups;
  std::optional<core::PersonId> manager;
  absl::Time not_after;  // when the certificate ends
};

// `certificate_pem` is the leaf that the peer proved to hold; empty when there was none. Its dates
// are looked at again here, since a connection can outlive its certificate. Refuses with
// kUnknownCaller, kRevokedCertificate, kUnknownPerson, kPersonInNoGroup. Pure; safe from any
// thread.
absl::StatusOr<Caller> Identify(absl::string_view certificate_pem, const core::Directory& people,
                                const DenyList& denied, absl::Time now);

}  // namespace jit::rpc
