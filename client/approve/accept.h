// `jit-approve accept`: a signed acceptance of what a lease left behind in the schema.
#pragma once

#include <optional>
#include <string>

#include "client/approve/decide.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::approve {

struct AcceptOptions {
  std::string lease;
  std::string note;
  std::optional<std::string> digest;
  bool yes = false;
  console::Output output = console::Output::kText;
};

// The entry of the command table. What it is given must outlive it.
console::Command AcceptCommand(AcceptOptions& options, const channel::Connect& connect,
                               const KeySource& key);

console::ExitCode Accept(const AcceptOptions& options, const KeySource& key,
                         console::Console& console, channel::Broker& broker);

}  // namespace jit::approve
