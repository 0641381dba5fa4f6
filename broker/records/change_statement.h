// What a reviewer of a guarded change signs: everything that is decided, as one line of canonical
// JSON.
//
// Promises: the same change, decision and reviewer give the same bytes; anything that matters to
// the decision changes them. Pure; safe from any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/core/change/change.h"
#include "broker/records/statement.h"

namespace jit::records {

// Keys: access, change, decision, expected, images_kept_seconds, masked, member_of, owner,
// plan_time, policy, purpose, reason, report, report_digest, requester, reviewer, role,
// role_fingerprint, round, rows_max, rule, rule_fingerprint, run_max_seconds, schema_fingerprint,
// script, script_digest, seats, subject, system_identifier, target, version (of this form: 1).
// kInvalidArgument for a change that was not rehearsed.
absl::StatusOr<std::string> StatementForChange(const change::Change& change, Decision decision,
                                               const core::PersonId& reviewer);

}  // namespace jit::records
