// `jit-approve deny`: a signed no.
#pragma once

#include <optional>
#include <string>

#include "client/approve/decide.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::approve {

struct DenyOptions {
  std::string lease;
  std::string reason;
  std::optional<std::string> digest;
  console::Output output = console::Output::kText;
};

// The entry of the command table. What it is given must outlive it.
console::Command DenyCommand(DenyOptions& options, const channel::Connect& connect,
                             const KeySource& key);

console::ExitCode Deny(const DenyOptions& options, const KeySource& key, console::Console& console,
                       channel::Broker& broker);

}  // namespace jit::approve
