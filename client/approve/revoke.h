// `jit-approve revoke`: takes an approved or open lease away.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::approve {

struct RevokeOptions {
  std::string lease;
  std::string reason;
  console::Output output = console::Output::kText;
};

// The entry of the command table. What it is given must outlive it.
console::Command RevokeCommand(RevokeOptions& options, const channel::Connect& connect);

console::ExitCode Revoke(const RevokeOptions& options, console::Console& console,
                         channel::Broker& broker);

}  // namespace jit::approve
