// `jit-access end`: gives an open lease back before its deadline.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct EndOptions {
  std::string lease;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command EndCommand(EndOptions& options, const channel::Connect& connect);

console::ExitCode End(const EndOptions& options, console::Console& console,
                      channel::Broker& broker);

}  // namespace jit::access
