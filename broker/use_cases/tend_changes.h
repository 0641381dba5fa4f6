// What changes need when nobody asks: lapse, recovery, the word to their subjects, old images.
//
// Promises: level-triggered, like the sweep; what it cannot do now it does the next time. Never
// runs anything. One call at a time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/use_cases/ports.h"

namespace jit::use_cases {

// What tending remembers until the next time. Lost with the process, and nothing is lost with it.
struct TendMemory {
  std::map<core::TargetName, absl::Time> images_forgotten;  // when it was last asked for
};

struct TendReport {
  int lapsed = 0;
  int resolved = 0;                 // rehearsals given up, executions found out about
  int marked = 0;                   // subjects that were told
  std::vector<std::string> alarms;  // one sentence each, for the operator's log
};

// Lapses what is due; gives up rehearsals and finds out by looking about executions that nobody
// runs any more; tells subjects; has the targets forget images that are older than the longest rule
// keeps them. `running`: changes that a runner of this process works on or has in its queue; one
// that was planned or applied in the last few seconds is left alone in any case.
TendReport TendChanges(Ports& ports, const std::set<core::ChangeId>& running, TendMemory& memory);

}  // namespace jit::use_cases
