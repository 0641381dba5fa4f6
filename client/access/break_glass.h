// `jit-access break-glass`: opens at once, loudly, and owes a review.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct BreakGlassOptions {
  std::string target;
  std::string role;
  std::string reason;
  std::string incident;
  std::optional<absl::Duration> ttl;
  std::vector<std::string> keyless;
  bool yes_this_is_an_emergency = false;
  console::Output output = console::Output::kText;
};

// The entry of the command table. `options` and `connect` must outlive it.
console::Command BreakGlassCommand(BreakGlassOptions& options, const channel::Connect& connect);

console::ExitCode BreakGlass(const BreakGlassOptions& options, console::Console& console,
                             channel::Broker& broker);

}  // namespace jit::access
