// `jit-access whoami`: who the broker says the caller is.
#pragma once

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct WhoAmIOptions {
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command WhoAmICommand(WhoAmIOptions& options, const channel::Connect& connect);

console::ExitCode WhoAmI(const WhoAmIOptions& options, console::Console& console,
                         channel::Broker& broker);

}  // namespace jit::access
