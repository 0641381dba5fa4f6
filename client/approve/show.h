// `jit-approve show`: what there is to decide.
#pragma once

#include <string>

#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::approve {

struct ShowOptions {
  std::string lease;
  std::string decision;  // empty: the one that is due
  console::Output output = console::Output::kText;
};

// The entry of the command table. What it is given must outlive it.
console::Command ShowCommand(ShowOptions& options, const channel::Connect& connect);

console::ExitCode Show(const ShowOptions& options, console::Console& console,
                       channel::Broker& broker);

}  // namespace jit::approve
