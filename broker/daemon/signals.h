// The signals a daemon is spoken to with.
//
// Promises: nothing runs in a signal's context; signals wait in line until somebody asks. Block
// them before there are threads, so that no thread is interrupted by one.
#pragma once

#include "absl/time/time.h"

namespace jit::daemon {

enum class Wish {
  kStop,    // SIGTERM, SIGINT
  kReload,  // SIGHUP
};

// Holds SIGTERM, SIGINT and SIGHUP back for AwaitWish, and has SIGPIPE and SIGXFSZ answered by an
// error of the call that met them.
void HoldSignals();

// Waits for the next one.
Wish AwaitWish();

// Ends the process after `patience`, whatever it hangs on; for a drain that must come to an end.
// Everything durable is durable by then, and the next start's first sweep does the rest.
void EndAfter(absl::Duration patience);

}  // namespace jit::daemon
