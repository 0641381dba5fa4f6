// `jit-access connect`: psql on a lease, given back when psql ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct ConnectOptions {
  std::string lease;  // empty: by role, or the only one there is
  std::string target;
  std::string role;
  std::string reason;
  std::optional<absl::Duration> ttl;
  bool keep = false;
  std::string psql = "psql";
  std::vector<std::string> psql_arguments;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command ConnectCommand(ConnectOptions& options, const channel::Connect& connect);

console::ExitCode Connect(const ConnectOptions& options, console::Console& console,
                          channel::Broker& broker);

}  // namespace jit::access
