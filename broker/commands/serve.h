// `jit-broker serve`: the daemon.
#pragma once

#include <string>

#include "broker/commands/exit_code.h"

namespace jit::commands {

struct ServeOptions {
  std::string config;
};

// Runs until SIGTERM or SIGINT. SIGHUP reads policy, deny list and certificates again. Call it
// before there are threads.
ExitCode Serve(const ServeOptions& options);

}  // namespace jit::commands
