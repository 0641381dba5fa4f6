// `jit-access who-can-approve`: the seats, before anything is filed.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct WhoCanApproveOptions {
  std::string target;
  std::string role;
  std::optional<absl::Duration> ttl;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command WhoCanApproveCommand(WhoCanApproveOptions& options,
                                      const channel::Connect& connect);

console::ExitCode WhoCanApprove(const WhoCanApproveOptions& options, console::Console& console,
                                channel::Broker& broker);

}  // namespace jit::access
