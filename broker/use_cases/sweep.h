// The sweep: level-triggered, it compares what should be with what is, and does what is owed.
//
// Promises: it never gives up and never forgets; one lease or one target that fails delays no
// other, and no deadline waits until many other logins are removed; a journal that takes no appends
// stops no closing. It touches only roles that carry our marker. One SweepTarget at a time per
// target; different targets in different threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

// What a sweep of one target remembers until the next: back-off, what it could not yet record. Lost
// with the process, and nothing is lost with it.
struct SweepMemory {
  struct Trouble {
    int attempts = 0;
    absl::Time first;
    absl::Time next_try;
    std::string last;
  };
  std::map<core::LoginName, Trouble> troubles;
  // Openings without an outcome, and when they were first seen: most are under way and need no
  // look.
  std::map<core::LeaseId, absl::Time> openings;
  // Differences seen once, with the version of the lease they were seen on.
  std::map<core::LoginName, std::int64_t> suspicions;
  absl::Time server_start;  // as last seen: a change means that everything is compared again
  std::string system_identifier;
  absl::Time last_full_look;
  std::string last_fault;  // empty when the last sweep reached the target
  absl::Duration clock_skew;
};

struct SweepReport {
  int expired = 0;
  int turned_off = 0;
  int removed = 0;
  int resolved_openings = 0;
  int strays = 0;                   // marked logins that no lease wants, taken away
  std::vector<std::string> alarms;  // one sentence each, for the operator's log
  absl::Time next;                  // when to come again at the latest
};

enum class Depth {
  kDue,   // only what the journal says is due or owed
  kFull,  // and the whole target is compared: after a start, a reconnect, and every so often
};

SweepReport SweepTarget(Ports& ports, ports::Target& target, Depth depth, SweepMemory& memory);

// Lapses what waited too long, on every target.
absl::StatusOr<int> LapseWaiting(Ports& ports);

}  // namespace jit::use_cases
