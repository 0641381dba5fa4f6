// What must hold after every step, whatever went wrong in it.
//
// Each check looks at what is durable (the journal's records, the targets' roles) and at what
// people were told, never at the broker's memory. Answers with a sentence about the first
// violation, or with nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/core/change/change.h"
#include "broker/core/lease/lease.h"
#include "broker/ports/journal.h"
#include "broker/ports/target.h"
#include "tests/testing/memory_bench.h"

namespace jit::simulation {

// What callers were told and may rely on.
struct Acknowledged {
  std::map<core::LeaseId, lease::State> reached;  // a state that a caller was answered with
  std::map<core::ChangeId, change::State> changes_reached;
  std::map<std::string, core::LeaseId> answers;  // person and idempotency id -> lease
  std::map<std::string, core::ChangeId> change_answers;
};

struct Durable {
  ports::Journal* journal;
  std::vector<ports::Target*> targets;
  std::map<core::TargetName, testing::MemoryBench*> benches;
  absl::Time now;  // by the targets' clocks
};

// Nobody reviewed their own lease; seats are filled by distinct people; no lease opened without its
// seats; none that was open as an owner is closed without somebody else's acceptance; deadlines did
// not move; at most one unreviewed emergency per person; every summary is what
// its events fold to.
std::string CheckJournal(const Durable& durable);

// No change is committed twice; one recorded applied is committed on its target, and one that is
// not is not; none is applied without its seats, or by an undo of what another took back already;
// every summary is what its events fold to.
std::string CheckChanges(const Durable& durable);

// Every login that works belongs to one lease that is opening, open or closing, with a deadline
// that is not later than the lease's; one whose residue waits to be accepted has none; roles
// without our mark are as they were.
std::string CheckTargets(const Durable& durable);

// Whatever a caller was told happened is in the journal.
std::string CheckAcknowledged(const Durable& durable, const Acknowledged& acknowledged);

// When nothing is owed any more: logins on the targets are exactly the open leases, none is past
// its deadline, nothing is opening, closing or off; no change is planned or applying, and every
// subject was told.
std::string CheckSettled(const Durable& durable);

}  // namespace jit::simulation
