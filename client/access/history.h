// `jit-access history`: what happened to a lease.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct HistoryOptions {
  std::string lease;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command HistoryCommand(HistoryOptions& options, const channel::Connect& connect);

console::ExitCode History(const HistoryOptions& options, console::Console& console,
                          channel::Broker& broker);

}  // namespace jit::access
