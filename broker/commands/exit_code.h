// What jit-broker says with its exit status. docs/reference/cli.md has the table;
// the numbers mean the same in every program of ours.
#pragma once

namespace jit::commands {

enum class ExitCode {
  kOk = 0,
  kFailed = 1,   // the outside failed us: a file, a socket, a target
  kUsage = 2,    // the command line does not make sense
  kRefused = 3,  // a rule says no, a check or a policy case did not pass
};

}  // namespace jit::commands
