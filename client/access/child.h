// Somebody else's program, run in our place on the same terminal.
//
// Promises: the child has our streams and terminal, default signal handling, and the environment
// asked for; Ctrl-C reaches it and not us while it runs; a request to stop (SIGTERM, SIGHUP) is
// passed on. Not safe from several threads: signal handling belongs to the process.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/console/console.h"

namespace jit::access {

struct ChildSpec {
  std::vector<std::string> arguments;              // [0] is found on PATH
  std::map<std::string, std::string> environment;  // set on top of ours
  std::vector<std::string> without;                // variables of ours it does not get
};

// Runs it to its end. `look` is called at the start and again whenever the time it returned has
// passed (at most a minute apart). The child's exit status, or 128 + N after signal N; kNotFound
// when it cannot be started.
absl::StatusOr<int> RunChild(const ChildSpec& spec, console::Console& console,
                             const std::function<absl::Duration()>& look);

}  // namespace jit::access
