// `jit-access withdraw`: takes back a lease that is not open yet.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct WithdrawOptions {
  std::string lease;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command WithdrawCommand(WithdrawOptions& options, const channel::Connect& connect);

console::ExitCode Withdraw(const WithdrawOptions& options, console::Console& console,
                           channel::Broker& broker);

}  // namespace jit::access
