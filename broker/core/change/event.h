// What happened to a change, past tense. Events are values: printed, compared, stored, replayed.
//
// The journal's records are these, encoded by the room `records`; a field added here is a new
// version of that record there.
#pragma once

#include <string>
#include <variant>

#include "absl/time/time.h"
#include "broker/core/change/change.h"

namespace jit::change {

struct Planned {
  core::ChangeId id;
  Plan plan;
  policy::ChangeTerms terms;
  absl::Time time;
  friend bool operator==(const Planned&, const Planned&) = default;
};
struct Rehearsed {
  Rehearsal rehearsal;
  absl::Time time;
  friend bool operator==(const Rehearsed&, const Rehearsed&) = default;
};
struct NotRehearsed {
  std::string why;
  std::vector<Finding> findings;  // of the reading: the refused ones, or all when it ran and failed
  absl::Time time;
  friend bool operator==(const NotRehearsed&, const NotRehearsed&) = default;
};
struct Submitted {
  absl::Time time;
  friend bool operator==(const Submitted&, const Submitted&) = default;
};
struct Reviewed {
  lease::SignedReview review;
  policy::Assignment seats;
  friend bool operator==(const Reviewed&, const Reviewed&) = default;
};
struct Approved {
  absl::Time time;
  friend bool operator==(const Approved&, const Approved&) = default;
};
struct SentBack {
  std::string why;
  policy::ChangeTerms terms;
  absl::Time time;
  friend bool operator==(const SentBack&, const SentBack&) = default;
};
struct Denied {
  core::PersonId by;
  std::string note;
  absl::Time time;
  friend bool operator==(const Denied&, const Denied&) = default;
};
struct Withdrawn {
  core::PersonId by;
  absl::Time time;
  friend bool operator==(const Withdrawn&, const Withdrawn&) = default;
};
struct Lapsed {
  std::string why;
  absl::Time time;
  friend bool operator==(const Lapsed&, const Lapsed&) = default;
};
struct ApplyStarted {
  core::PersonId by;
  core::LeaseId lease;  // whose login runs it
  absl::Time time;
  friend bool operator==(const ApplyStarted&, const ApplyStarted&) = default;
};
struct Applied {
  std::optional<Report> report;  // nothing: found by looking
  absl::Time time;
  friend bool operator==(const Applied&, const Applied&) = default;
};
struct RolledBack {
  std::string why;
  std::optional<Report> report;
  absl::Time time;
  friend bool operator==(const RolledBack&, const RolledBack&) = default;
};
struct SubjectMarked {  // the change that this one undid or dropped has been told
  absl::Time time;
  friend bool operator==(const SubjectMarked&, const SubjectMarked&) = default;
};
struct Undone {
  core::ChangeId by;
  absl::Time time;
  friend bool operator==(const Undone&, const Undone&) = default;
};
struct DroppedForGood {
  core::ChangeId by;
  absl::Time time;
  friend bool operator==(const DroppedForGood&, const DroppedForGood&) = default;
};

using Event = std::variant<Planned, Rehearsed, NotRehearsed, Submitted, Reviewed, Approved,
                           SentBack, Denied, Withdrawn, Lapsed, ApplyStarted, Applied, RolledBack,
                           SubjectMarked, Undone, DroppedForGood>;

}  // namespace jit::change
