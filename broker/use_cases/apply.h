// Applies an approved change: once, as a login of its own, and only if it does what was rehearsed.
#pragma once

#include "absl/status/statusor.h"
#include "broker/use_cases/run_view.h"
#include "broker/use_cases/seen_change.h"

namespace jit::use_cases {

// Files the lease of the run, then writes the intent (kApplying). Nothing has run when this
// answers: the caller has RunExecution run at once, in this process, and only after an OK answer.
// Refuses with kUnknownChange, kNotHolder, kWrongState, kAlreadyExecuted, kAlreadyEnded,
// kPolicyChanged (it is back in review), kSchemaChanged, kReviewDebt, kWaitingPeriod,
// kNothingToUndo, kTargetNotReady, kClockSkew; kUnavailable when the target cannot be reached.
absl::StatusOr<SeenChange> ApplyChange(Ports& ports, const core::PersonId& by,
                                       const core::ChangeId& id);

// Runs it. Blocks until the run is over. At most one call per change ever gets to the target: the
// login of the run is opened once, by one append. Answers with the change as it stands then:
// kApplied, kRolledBack, or still kApplying when nobody knows; TendChanges finds out by looking.
// Refuses with kAlreadyExecuted when another call runs it or ran it.
absl::StatusOr<SeenChange> RunExecution(Ports& ports, const core::ChangeId& id, RunView& view);

}  // namespace jit::use_cases
