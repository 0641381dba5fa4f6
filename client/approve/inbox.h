// `jit-approve inbox`: what waits for the caller, owed reviews first.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::approve {

struct InboxOptions {
  console::Output output = console::Output::kText;
};

// The entry of the command table. What it is given must outlive it.
console::Command InboxCommand(InboxOptions& options, const channel::Connect& connect);

console::ExitCode Inbox(const InboxOptions& options, console::Console& console,
                        channel::Broker& broker);

}  // namespace jit::approve
