// `jit-broker check`: whether a broker with this boot file would serve, and what stands in its way.
#pragma once

#include <string>

#include "broker/commands/exit_code.h"
#include "broker/commands/output.h"

namespace jit::commands {

enum class Reach { kTargetsToo, kFilesOnly };

struct CheckOptions {
  std::string config;
  Reach reach = Reach::kTargetsToo;
  Output output = Output::kText;
};

// Prints one line per thing that was looked at. Changes nothing.
ExitCode Check(const CheckOptions& options);

}  // namespace jit::commands
