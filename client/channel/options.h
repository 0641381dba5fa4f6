// The options that many commands share, worded once, so that they read alike in every help text.
//
// Promises: each is required; what it is read into must outlive the entry of the command table.
// Thread-safe.
#pragma once

#include <string>

#include "client/console/command_line.h"

namespace jit::channel {

// `ID`, for what a command does to one lease, to one change, or to whichever it is.
console::Option LeaseOption(std::string* into);
console::Option ChangeOption(std::string* into);
console::Option LeaseOrChangeOption(std::string* into);

// `--target NAME` and `--role NAME`, for what is asked for.
console::Option TargetOption(std::string* into);
console::Option RoleOption(std::string* into);

}  // namespace jit::channel
