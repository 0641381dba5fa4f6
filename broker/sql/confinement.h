// Takes from this process whatever reading a script does not need.
//
// Promises: after both, the process can compute, and read and write the files it has open; it can
// open none, start none, and reach no network. A build with sanitizers keeps its memory and calls,
// which they need. For the worker only, at its start.
#pragma once

namespace jit::sql {

// Limits on processor time, memory, files and core dumps, and no new privileges. False when the
// kernel refuses one.
[[nodiscard]] bool LimitProcess();

// From now on a system call that is not listed kills the process; opening a file fails. False when
// the kernel refuses.
[[nodiscard]] bool ForbidCalls();

}  // namespace jit::sql
