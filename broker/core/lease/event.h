// What happened to a lease, past tense. Events are values: printed, compared, stored, replayed.
//
// The journal's records are these, encoded by the room `records`; a field added here is a new
// version of that record there.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/lease/lease.h"

namespace jit::lease {

struct Asked {
  core::LeaseId id;
  policy::Path path = policy::Path::kOrdinary;
  core::PersonId requester;
  core::TargetName target;
  core::RoleName role;
  std::string reason;
  std::string incident;
  policy::Terms terms;
  absl::Time time;
  std::vector<std::string> keyless = {};  // see Lease
  friend bool operator==(const Asked&, const Asked&) = default;
};
struct Reviewed {
  SignedReview review;
  policy::Assignment seats;
  friend bool operator==(const Reviewed&, const Reviewed&) = default;
};
struct Approved {
  absl::Time time;
  friend bool operator==(const Approved&, const Approved&) = default;
};
struct SentBack {
  std::string why;
  policy::Terms terms;
  absl::Time time;
  friend bool operator==(const SentBack&, const SentBack&) = default;
};
struct Denied {
  core::PersonId by;
  absl::Time time;
  std::string note;  // of a revoke; the note of a signed no is in its review
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
struct OpeningStarted {
  std::string verifier_digest;
  std::string system_identifier;
  absl::Time expire_time;
  absl::Time time;
  friend bool operator==(const OpeningStarted&, const OpeningStarted&) = default;
};
struct Opened {
  absl::Time time;
  friend bool operator==(const Opened&, const Opened&) = default;
};
struct VerifierReplaced {  // the holder lost the password
  std::string verifier_digest;
  absl::Time time;
  friend bool operator==(const VerifierReplaced&, const VerifierReplaced&) = default;
};
struct ClosingStarted {
  CloseCause cause;
  std::string note;
  std::optional<core::PersonId> by;
  absl::Time time;
  friend bool operator==(const ClosingStarted&, const ClosingStarted&) = default;
};
struct TurnedOff {
  std::string report;
  absl::Time time;
  friend bool operator==(const TurnedOff&, const TurnedOff&) = default;
};
struct Removed {
  std::string report;
  absl::Time time;
  // Of a lease that acted as an owner: it stays off until somebody else has accepted this.
  std::optional<Residue> residue = std::nullopt;
  friend bool operator==(const Removed&, const Removed&) = default;
};
struct DebtIncurred {
  absl::Time due;
  absl::Time time;
  friend bool operator==(const DebtIncurred&, const DebtIncurred&) = default;
};
struct DebtReviewed {
  SignedReview review;
  friend bool operator==(const DebtReviewed&, const DebtReviewed&) = default;
};
struct ResidueAccepted {
  SignedReview review;
  friend bool operator==(const ResidueAccepted&, const ResidueAccepted&) = default;
};

using Event = std::variant<Asked, Reviewed, Approved, SentBack, Denied, Withdrawn, Lapsed,
                           OpeningStarted, Opened, VerifierReplaced, ClosingStarted, TurnedOff,
                           Removed, DebtIncurred, DebtReviewed, ResidueAccepted>;

}  // namespace jit::lease
