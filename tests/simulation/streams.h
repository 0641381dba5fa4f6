// What the checks of leases and of changes share: the journal as a whole.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/core/change/change.h"
#include "broker/ports/journal.h"

namespace jit::simulation {

absl::StatusOr<std::map<std::string, std::vector<ledger::Record>>> AllStreams(
    ports::Journal& journal);

// Whether a change is or was in this state.
bool HasBeen(ports::Journal& journal, const core::ChangeId& id, change::State wanted);

// That no change owes anything.
std::string CheckChangesSettled(ports::Journal& journal);

}  // namespace jit::simulation
