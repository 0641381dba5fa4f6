// What can be asked of a change. Commands are imperative; each may be refused.
//
// Facts that a pure core cannot see (what the target did, which state the subject is in) travel
// inside the command, put there by the use case that looked.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/change/change.h"

namespace jit::change {

struct MakePlan {
  core::ChangeId id;
  Plan plan;
  int waiting_now = 0;                // the author's changes that wait for reviews
  std::optional<core::LeaseId> debt;  // an unreviewed break-glass of the author
  // The change to be undone or dropped, as it stands; nothing for a script or a lease.
  std::optional<Change> subject;
};
struct RecordRehearsed {
  core::LeaseId lease;
  Report report;
  std::string schema_fingerprint;
  std::string system_identifier;
};
struct RecordNotRehearsed {
  std::string why;
  std::vector<Finding> findings;
};
struct Submit {
  core::PersonId by;
};
struct Review {
  lease::SignedReview review;
  std::string digest_now;
};
struct Deny {  // takes back an approval that was given; before that, a signed no is a Review
  core::PersonId by;
  std::string note;
};
struct Withdraw {
  core::PersonId by;
};
struct Apply {
  core::PersonId by;
  core::LeaseId lease;
  std::string system_identifier;
  std::string schema_fingerprint;     // as it is now
  std::optional<core::LeaseId> debt;  // judged again
  std::optional<Change> subject;      // as it stands now
};
struct RecordApplied {
  std::optional<Report> report;
};
struct RecordRolledBack {
  std::string why;
  std::optional<Report> report;
};
struct Tick {};  // time passed: lapse what is due
struct RecordSubjectMarked {};
struct MarkUndone {
  core::ChangeId by;
};
struct MarkDropped {
  core::ChangeId by;
};

using Command = std::variant<MakePlan, RecordRehearsed, RecordNotRehearsed, Submit, Review, Deny,
                             Withdraw, Apply, RecordApplied, RecordRolledBack, Tick,
                             RecordSubjectMarked, MarkUndone, MarkDropped>;

}  // namespace jit::change
