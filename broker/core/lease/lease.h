// One person's bid for one role on one target, from asked to closed.
//
// Promises: a Lease is only ever made by folding events with Evolve. A plain value without any
// behaviour; what may happen to it is in lifecycle.h.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/lease/residue.h"
#include "broker/core/names.h"
#include "broker/core/policy/judge.h"
#include "broker/core/policy/seats.h"

namespace jit::lease {

enum class State {
  kNone,       // before the first event
  kRequested,  // waiting for reviews
  kApproved,   // every seat filled (or none demanded); waiting for the holder to open
  kDenied,     // final
  kWithdrawn,  // final
  kLapsed,     // final: not decided or not opened in time
  kOpening,    // intent written; the login may or may not be on the target
  kOpen,       // the login works
  kClosing,    // intent written; the login must go
  kOff,        // no login, no privilege, no session; may wait here for its residue to be accepted
  kClosed,     // final: role gone, nothing left behind
};

enum class Verdict { kYes, kNo };
enum class CloseCause { kDeadline, kEnded, kRevoked, kDenied, kFault, kDrift };

// One approver's signed yes or no. The statement is the canonical JSON they saw; the digest is its
// SHA-256; the signature is over those bytes, by the key of the certificate kept beside it.
struct SignedReview {
  core::PersonId by;
  Verdict verdict = Verdict::kYes;
  std::string note;             // free text of the reviewer; findings for a break-glass review
  std::string statement;        // canonical JSON bytes
  std::string digest;           // SHA-256 hex of statement
  std::string signature;        // base64
  std::string certificate_pem;  // the signer's certificate
  absl::Time time;
  friend bool operator==(const SignedReview&, const SignedReview&) = default;
};

struct Lease {
  std::optional<core::LeaseId> id;
  State state = State::kNone;
  policy::Path path = policy::Path::kOrdinary;
  std::optional<core::PersonId> requester;
  std::optional<core::TargetName> target;
  std::optional<core::RoleName> role;
  std::string reason;
  std::string incident;  // break-glass only, may be empty
  // Tables without a primary key that the asker wants to change, by name, in order; a yes accepts
  // that what is changed there cannot be put back.
  std::vector<std::string> keyless;
  std::optional<policy::Terms> terms;
  absl::Time request_time;

  std::vector<SignedReview> reviews;  // of the current round; sent back empties it
  policy::Assignment seats;           // of the current round
  int round = 1;                      // grows when the lease is sent back to review
  absl::Time round_time;              // when this round began
  std::string sent_back_why;

  absl::Time approve_time;        // kApproved and later
  absl::Time expire_time;         // the deadline: fixed when it opens, never moved
  std::string verifier_digest;    // SHA-256 hex of the SCRAM verifier last ordered
  std::string system_identifier;  // of the cluster the login was opened on
  absl::Time open_time;

  std::optional<CloseCause> close_cause;
  std::string close_note;
  std::optional<core::PersonId> closed_by;  // nobody for a deadline or a fault
  absl::Time close_time;
  absl::Time off_time;
  absl::Time removed_time;

  bool debt_open = false;  // a break-glass review is owed
  absl::Time debt_due;
  std::optional<SignedReview> debt_review;

  std::optional<Residue> residue;  // of a lease that acted as an owner, once it is removed
  std::optional<SignedReview> acceptance;

  friend bool operator==(const Lease&, const Lease&) = default;
};

}  // namespace jit::lease
