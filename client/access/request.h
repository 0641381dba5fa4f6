// `jit-access request`: asks for a lease, waits for it, opens it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct RequestOptions {
  std::string target;
  std::string role;
  std::string reason;
  std::optional<absl::Duration> ttl;
  std::vector<std::string> keyless;
  bool no_wait = false;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command RequestCommand(RequestOptions& options, const channel::Connect& connect);

console::ExitCode Request(const RequestOptions& options, console::Console& console,
                          channel::Broker& broker);

}  // namespace jit::access
