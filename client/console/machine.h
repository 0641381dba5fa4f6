// The console of this process: the one place in the clients that asks the machine for time, chance,
// signals and terminals.
#pragma once

#include "client/console/console.h"

namespace jit::console {

// Made once, in main. From then on SIGINT, SIGTERM and SIGHUP no longer end the process: they are
// remembered for Console::interrupted, and a second one of them ends it at once.
Console MachineConsole();

}  // namespace jit::console
