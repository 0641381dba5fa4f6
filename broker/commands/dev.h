// `jit-broker dev`: everything the daemon needs, made in one folder, and the daemon.
#pragma once

#include <string>

#include "broker/commands/exit_code.h"

namespace jit::commands {

struct DevOptions {
  std::string folder;
  std::string target;  // conninfo of an administrator; empty: a private PostgreSQL
  std::string policy;  // folder; empty: one is written
  std::string listen = "127.0.0.1:7420";
};

// Runs until SIGTERM or SIGINT, and takes its private PostgreSQL with it. Call it before there are
// threads.
ExitCode Develop(const DevOptions& options);

}  // namespace jit::commands
