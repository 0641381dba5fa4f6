// Files a change: a script, an undo, or a drop for good, to be rehearsed next.
#pragma once

#include "absl/status/statusor.h"
#include "broker/core/change/change.h"
#include "broker/use_cases/seen_change.h"

namespace jit::use_cases {

struct PlanOrder {
  core::IdempotencyId idempotency_id;
  // The digest of the script is filled in here, and so are the target and the role of an undo or a
  // drop: those of its subject. `written` is what came beside the script; what stands in its head
  // is read here, and gives way to `written` where both speak of the same.
  change::Plan plan;
};

// Reads the script and writes the intent (kPlanned); the rehearsal is RunRehearsal's, which the
// caller of this function has somebody run at once. A repeat with the same id and content answers
// with the change of the first time as it stands now. Refuses with whatever Decide refuses a
// MakePlan with, kMalformedScript, kScriptTooLarge, kMalformedExpectation, kUnknownChange and
// kUnknownLease (of the subject), kNotHolder (an undo of a lease that is neither yours nor yours to
// revoke), kUnrehearsedNotAllowed, kScriptRefused, kNothingToUndo, kIdempotencyIdReused;
// kUnavailable when there is no parser to ask.
absl::StatusOr<SeenChange> PlanChange(Ports& ports, const PlanOrder& order);

}  // namespace jit::use_cases
