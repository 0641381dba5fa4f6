// Rehearses a planned change: runs it as a login of its own, rolls back, records what it did.
#pragma once

#include "absl/status/statusor.h"
#include "broker/use_cases/run_view.h"
#include "broker/use_cases/seen_change.h"

namespace jit::use_cases {

// Blocks until the rehearsal is over, for `run_max` and a little at most. Answers with the change
// as it stands then: kRehearsed, kFailed, or what it was when it did not wait for a rehearsal any
// more. A fault of the journal leaves it kPlanned, and TendChanges gives it up. Whatever happens,
// the login of the run is ended.
absl::StatusOr<SeenChange> RunRehearsal(Ports& ports, const core::ChangeId& id, RunView& view);

}  // namespace jit::use_cases
