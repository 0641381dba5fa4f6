// One SQL script on its way: rehearsed, reviewed, applied, perhaps undone.
//
// Promises: a Change is only ever made by folding events with Evolve. A plain value without any
// behaviour; what may happen to it is in lifecycle.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/change/expectation.h"
#include "broker/core/change/report.h"
#include "broker/core/lease/lease.h"
#include "broker/core/names.h"
#include "broker/core/policy/change_rule.h"
#include "broker/core/policy/seats.h"

namespace jit::change {

enum class State {
  kNone,        // before the first event
  kPlanned,     // intent written; the rehearsal runs, or ran and nobody knows
  kRehearsed,   // the report is there; waits for its author to submit it
  kFailed,      // final: it could not be rehearsed, or it says what is refused
  kSubmitted,   // waiting for reviews
  kApproved,    // every seat filled (or none demanded); waiting to be applied
  kDenied,      // final
  kWithdrawn,   // final
  kLapsed,      // final: not submitted, decided or applied in time
  kApplying,    // intent written; it runs, or ran and nobody knows
  kApplied,     // committed
  kRolledBack,  // final: it did not hold, or was cancelled; nothing changed
  kUndone,      // final: taken back by another change
  kDropped,     // final: what it kept was destroyed for good by another change
};

// What an undo does with rows that changed since.
enum class OnConflict { kRefuse, kSkip, kOverwrite };

// What a change works on. A script: `text`. An undo or a drop for good: `change`; an undo of what
// the holder of a lease did: `lease`.
struct Subject {
  std::optional<core::ChangeId> change;
  std::optional<core::LeaseId> lease;
  std::optional<absl::Time> since;  // of a lease: only from here on
  std::vector<std::string> tables;  // of a lease: only these; empty: all
  OnConflict on_conflict = OnConflict::kRefuse;
  friend bool operator==(const Subject&, const Subject&) = default;
};

struct Plan {  // what its author said
  core::PersonId requester;
  core::TargetName target;
  core::RoleName role;
  policy::Purpose purpose = policy::Purpose::kScript;
  std::string reason;         // 1 to 1,024 bytes of UTF-8
  std::string script;         // the exact bytes; empty for an undo or a drop
  std::string script_digest;  // SHA-256 hex of them
  Subject subject;
  std::vector<Expectation> written;  // on the command line and in the script's head
  friend bool operator==(const Plan&, const Plan&) = default;
};

struct Rehearsal {
  core::LeaseId lease;  // whose login ran it
  Report report;
  std::string schema_fingerprint;  // SHA-256 hex
  std::string system_identifier;
  std::vector<Expectation> expected;  // what an execution has to meet
  std::vector<Miss> misses;           // what was written and did not hold; empty: may be submitted
  friend bool operator==(const Rehearsal&, const Rehearsal&) = default;
};

struct Execution {
  core::LeaseId lease;
  core::PersonId by;
  absl::Time start_time;
  absl::Time end_time;
  std::optional<Report> report;  // nothing when the outcome was found by looking
  std::string why;               // of a rollback
  friend bool operator==(const Execution&, const Execution&) = default;
};

struct Change {
  std::optional<core::ChangeId> id;
  State state = State::kNone;
  std::optional<Plan> plan;
  std::optional<policy::ChangeTerms> terms;
  absl::Time plan_time;
  std::optional<Rehearsal> rehearsal;
  absl::Time rehearse_time;
  std::string why;                // why it failed, was sent back, denied …
  std::vector<Finding> findings;  // of one that could not be rehearsed: what was refused

  std::vector<lease::SignedReview> reviews;  // of the current round; sent back empties it
  policy::Assignment seats;
  int round = 1;
  absl::Time submit_time;
  absl::Time round_time;
  absl::Time approve_time;

  std::optional<Execution> execution;
  bool subject_marked = false;  // of an applied undo or drop: its subject knows
  std::optional<core::ChangeId> undone_by;
  std::optional<core::ChangeId> dropped_by;
  friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace jit::change
