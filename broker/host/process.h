// What a process that holds secrets owes its machine at start.
//
// Both functions change the whole process and are called once, before there are threads. Repeats
// are harmless.
#pragma once

#include "absl/status/status.h"

namespace jit::host {

// No core files (RLIMIT_CORE 0) and no reading of this process's memory by others of the same
// account (PR_SET_DUMPABLE 0, prctl(2)). Root still can. kUnavailable when the kernel refuses. A
// build with the address sanitizer stays dumpable, or its leak check could not look at itself.
absl::Status KeepMemoryPrivate();

// Raises the soft limit of open files to the hard one, so that a flood of connections meets our
// own limits before it meets the kernel's. kUnavailable when the kernel refuses.
absl::Status RaiseOpenFilesLimit();

}  // namespace jit::host
