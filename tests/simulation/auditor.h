// What an auditor would say to the journal that a simulated run has left behind.
#pragma once

#include <string>

#include "broker/ports/journal.h"

namespace jit::simulation {

// Takes a checkpoint, exports every record, and verifies them as jit-audit does: canonical, in
// order, under the signed root; each review's signature over what the journal says was decided;
// nothing opened without its reviews. The first finding in words, or nothing.
std::string CheckAudit(ports::Journal& journal, const ledger::CheckpointVerifier& key);

}  // namespace jit::simulation
