// Commands that ask a running broker: `policy reload`, `journal export`.
#pragma once

#include <string>

#include "broker/commands/exit_code.h"

namespace jit::commands {

// Who we are to the broker; like the clients, from flags or JIT_BROKER, JIT_CERT, JIT_KEY, JIT_CA.
struct RemoteOptions {
  std::string broker;
  std::string certificate;
  std::string key;
  std::string authorities;
};

// Has the broker read its policy again and prints every mistake when it will not take it.
ExitCode ReloadPolicy(const RemoteOptions& options);

struct ExportOptions {
  RemoteOptions remote;  // a running broker, or else:
  std::string config;    // the boot file of a stopped one
  std::string out;  // FILE, and FILE.checkpoint beside it; empty: stdout, without the checkpoint
};

// Writes the journal's records, one line each, in order.
ExitCode ExportJournal(const ExportOptions& options);

}  // namespace jit::commands
