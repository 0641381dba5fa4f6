// How jit-audit tells a script what it found. It has a table of its own: an auditor's script asks
// one question, and 1 answers it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/console/exit_code.h"

namespace jit::audit {

constexpr console::ExitCode kVerified = console::ExitCode{0};
constexpr console::ExitCode kDoesNotVerify = console::ExitCode{1};
constexpr console::ExitCode kUsage = console::ExitCode::kUsage;
constexpr console::ExitCode kUnreadable = console::ExitCode{3};

// For the help.
inline std::vector<std::pair<int, std::string>> AnswerTable() {
  return {{0, "verified, or shown"},
          {1, "the journal does not verify, or holds no such record"},
          {2, "the command line does not make sense"},
          {3, "a file cannot be read, or is no journal, note or key"}};
}

}  // namespace jit::audit
