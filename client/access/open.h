// `jit-access open`: opens an approved lease, or gives an open one a new password.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct OpenOptions {
  std::string lease;
  bool no_wait = false;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command OpenCommand(OpenOptions& options, const channel::Connect& connect);

console::ExitCode Open(const OpenOptions& options, console::Console& console,
                       channel::Broker& broker);

}  // namespace jit::access
