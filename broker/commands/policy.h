// `jit-broker policy …`: run its cases, explain a verdict, have a running broker read it again.
#pragma once

#include <string>

#include "broker/commands/exit_code.h"
#include "broker/commands/output.h"

namespace jit::commands {

// Runs every case beside the policy in `folder`; kRefused when one misses.
ExitCode TestPolicy(const std::string& folder, Output output);

struct ExplainOptions {
  std::string folder;
  std::string person;
  std::string target;
  std::string role;
  std::string ttl;  // empty: the role's default
  enum class Way { kOrdinary, kBreakGlass } way = Way::kOrdinary;
  std::string change;  // what a change is for, `script` or `undo`; empty: a lease is asked for
  Output output = Output::kText;
};

// Prints every rule that was considered, which one decided, and who would have to agree.
ExitCode ExplainPolicy(const ExplainOptions& options);

}  // namespace jit::commands
