// What a reviewer signs: everything that is decided, as one line of canonical JSON.
//
// Promises: the same lease, decision and reviewer give the same bytes; anything that matters to the
// decision changes them. Pure; safe from any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/core/lease/lease.h"

namespace jit::records {

enum class Decision { kApprove, kDeny, kAccept, kObject, kAcceptResidue };
std::string DecisionWord(Decision decision);  // approve, deny, accept, object, accept_residue

// Keys: access, decision, incident, lease, member_of, path, policy, reason, requester,
// request_time, reviewer, role, role_fingerprint, round, rule, rule_fingerprint, seats, target,
// ttl_seconds, version (of this form: 1). A lease that names tables without a primary key has
// keyless as well, and version 2. For kAcceptResidue: decision, expire_time, lease,
// off_time, open_time, owner, path, policy, reason, removed_time, requester, residue, reviewer,
// role, target, version; what has not come to be is null.
absl::StatusOr<std::string> StatementFor(const lease::Lease& lease, Decision decision,
                                         const core::PersonId& reviewer);
std::string DigestOf(absl::string_view statement);  // SHA-256 hex

}  // namespace jit::records
