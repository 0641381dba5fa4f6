// `jit-access list`: the leases the caller may see.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct ListOptions {
  bool mine = false;
  bool all = false;
  std::string state;   // empty: any
  std::string target;  // empty: any
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command ListCommand(ListOptions& options, const channel::Connect& connect);

console::ExitCode List(const ListOptions& options, console::Console& console,
                       channel::Broker& broker);

}  // namespace jit::access
