// What jit-audit can do: verify, show, timeline.
//
// Promises: data goes to out, talk to err; what other people wrote is shown with every character
// visible; nothing but the files named is read, and nothing is written. Thread-compatible.
#pragma once

#include <optional>
#include <string>

#include "client/console/command_line.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"

namespace jit::audit {

// What was typed. The Program points into it.
struct Typed {
  std::string file;
  std::string key;                         // a verifier key, or @FILE
  std::optional<std::string> checkpoint;   // a file with a signed note
  std::optional<std::string> authorities;  // a file with certificates
  std::optional<std::string> record;       // a sequence
  std::optional<std::string> lease;
  std::optional<std::string> change;
  console::Output output = console::Output::kText;
};

console::ExitCode RunVerify(const Typed& typed, console::Console& console);
console::ExitCode RunShow(const Typed& typed, console::Console& console);
console::ExitCode RunTimeline(const Typed& typed, console::Console& console);

// The command line, its help and its completion.
console::Program AuditProgram(Typed& typed);

}  // namespace jit::audit
