// `jit-access roles`: what the caller may ask for.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct RolesOptions {
  std::string target;  // empty: any
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command RolesCommand(RolesOptions& options, const channel::Connect& connect);

console::ExitCode Roles(const RolesOptions& options, console::Console& console,
                        channel::Broker& broker);

}  // namespace jit::access
