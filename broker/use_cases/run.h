// The login of one run of a change, from filed to ended: what a rehearsal and an execution share.
//
// Promises: the password of a run exists in this process only, and is gone with the run. Safe from
// any thread.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/core/change/change.h"
#include "broker/ports/bench.h"
#include "broker/use_cases/ports.h"

namespace jit::use_cases {

// The bench of a target. Refuses with kTargetNotReady when this broker has none of that name.
absl::StatusOr<ports::Bench*> BenchOf(Ports& ports, const core::TargetName& name);

// Files the lease of a run: approved at once, and opened by nobody but the run.
absl::StatusOr<core::LeaseId> FileRun(Ports& ports, const change::Change& change,
                                      ports::RunEnd end);

struct ReadyRun {
  ports::Bench* bench = nullptr;
  ports::RunOrder order;
};
// Reads the script again, prepares the target, opens the login. Refuses with kAlreadyExecuted when
// the login was opened or taken away before; after any other error nobody runs with it, unless
// another call of this does.
absl::StatusOr<ReadyRun> MakeReady(Ports& ports, const change::Change& change,
                                   const core::LeaseId& run, ports::RunEnd end);

// Where the login of a run stands after an attempt to take it away.
enum class RunLogin {
  kNeverOpened,  // and it never will be
  kGoing,        // the sweep takes it away
  kGone,         // off: nobody runs with it
};
absl::StatusOr<RunLogin> EndRun(Ports& ports, const core::LeaseId& run);

// Ends every run of this change that is filed or open, as far as the journal takes it.
absl::Status EndRunsOf(Ports& ports, const change::Change& change);

}  // namespace jit::use_cases
