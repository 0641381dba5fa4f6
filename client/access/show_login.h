// An open login, for a person or for a program.
#pragma once

#include "client/access/obtain.h"
#include "client/console/console.h"

namespace jit::access {

// Text: the id first, as soon as there is one. JSON prints nothing yet, since it prints one object.
void ShowAsked(const v1::Lease& lease, console::Output output, console::Console& console);

// Text: how to connect, when it is open. JSON: the lease with `password`, null unless it is open.
// The password is printed here and nowhere else. Returns the code.
console::ExitCode ShowObtained(const Obtained& obtained, console::Output output,
                               console::Console& console);

}  // namespace jit::access
