// The groups that the policy of a development broker speaks of, in a target.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace jit::development {

// Makes app_reader and app_writer when they are missing and gives them what their names say on
// everything in that database. `administrator`: the conninfo of somebody who may. Harmless to
// repeat; errors are those of pq.
absl::Status MakeGroups(const std::string& administrator);

}  // namespace jit::development
