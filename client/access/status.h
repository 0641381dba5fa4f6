// `jit-access status`: one lease, its state as the first word.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct StatusOptions {
  std::string lease;
  bool exit_code = false;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command StatusCommand(StatusOptions& options, const channel::Connect& connect);

console::ExitCode Status(const StatusOptions& options, console::Console& console,
                         channel::Broker& broker);

}  // namespace jit::access
