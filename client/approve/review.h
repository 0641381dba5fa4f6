// `jit-approve review`: a signed verdict on a break-glass lease.
#pragma once

#include <optional>
#include <string>

#include "client/approve/decide.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::approve {

struct ReviewOptions {
  std::string lease;
  std::string verdict;   // "ok", "not-ok", or empty: ask
  std::string findings;  // empty: ask
  std::optional<std::string> digest;
  console::Output output = console::Output::kText;
};

// The entry of the command table. What it is given must outlive it.
console::Command ReviewCommand(ReviewOptions& options, const channel::Connect& connect,
                               const KeySource& key);

console::ExitCode Review(const ReviewOptions& options, const KeySource& key,
                         console::Console& console, channel::Broker& broker);

}  // namespace jit::approve
