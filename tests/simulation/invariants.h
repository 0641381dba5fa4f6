// What must hold after every step, whatever went wrong in it.
//
// Each check looks at what is durable (the journal's records, the targets' roles) and at what
// people were told, never at the broker's memory. Answers with a sentence about the first
// violation, or with nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/core/lease/lease.h"
#include "broker/ports/journal.h"
#include "broker/ports/target.h"

namespace jit::simulation {

// What callers were told and may rely on.
struct Acknowledged {
  std::map<core::LeaseId, lease::State> reached;  // a state that a caller was answered with
  std::map<std::string, core::LeaseId> answers;   // person and idempotency id -> lease
};

struct Durable {
  ports::Journal* journal;
  std::vector<ports::Target*> targets;
  absl::Time now;  // by the targets' clocks
};

// Nobody reviewed their own lease; seats are filled by distinct people; no lease opened without its
// seats; deadlines did not move; at most one unreviewed emergency per person; every summary is what
// its events fold to.
std::string CheckJournal(const Durable& durable);

// Every login that works belongs to one lease that is opening, open or closing, with a deadline
// that is not later than the lease's; roles without our mark are as they were.
std::string CheckTargets(const Durable& durable);

// Whatever a caller was told happened is in the journal.
std::string CheckAcknowledged(const Durable& durable, const Acknowledged& acknowledged);

// When nothing is owed any more: logins on the targets are exactly the open leases, none is past
// its deadline, nothing is opening, closing or off.
std::string CheckSettled(const Durable& durable);

}  // namespace jit::simulation
