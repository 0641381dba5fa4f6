// `jit-access run`: any program on a lease, through the PG* variables.
#pragma once

#include <string>
#include <vector>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct RunOptions {
  std::string lease;
  bool keep = false;
  std::vector<std::string> program;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command RunCommand(RunOptions& options, const channel::Connect& connect);

console::ExitCode Run(const RunOptions& options, console::Console& console,
                      channel::Broker& broker);

}  // namespace jit::access
