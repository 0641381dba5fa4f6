// How the programs tell a script what became of a command. docs/reference/cli.md has this table.
//
// Promises: a number never changes its meaning. Once `connect` or `run` has started somebody else's
// program, that program's own exit status is the answer instead (128 + N after signal N).
#pragma once

namespace jit::console {

enum class ExitCode : int {
  kOk = 0,            // what was asked for is done
  kFault = 1,         // the broker, the target or this machine failed
  kUsage = 2,         // the command line does not make sense
  kRefused = 3,       // a rule says no; the reason is on stderr
  kDenied = 4,        // a reviewer said no
  kPending = 5,       // the lease waits: for reviews, or to be opened
  kEnded = 6,         // the lease is over: expired, ended, revoked, withdrawn or lapsed
  kUnreachable = 7,   // the broker cannot be reached, or not with these certificates
  kNotConfirmed = 8,  // a confirmation was declined, or there was no terminal to ask on
};

constexpr int Number(ExitCode code) {
  return static_cast<int>(code);
}

}  // namespace jit::console
