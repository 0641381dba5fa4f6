// The roles that the policy of a development broker speaks of, in a target.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace jit::development {

// Makes app_reader, app_writer and app_owner when they are missing, gives the first two what their
// names say on everything in that database, and lets the third make tables there. `administrator`:
// the conninfo of somebody who may. Harmless to repeat; errors are those of pq.
absl::Status MakeGroups(const std::string& administrator);

}  // namespace jit::development
