// A reviewer's signed yes or no on a lease, their signed verdict on a break-glass lease, and their
// signed acceptance of what a lease left behind in the schema.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/records/statement.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

struct ReviewOrder {
  core::IdempotencyId idempotency_id;
  core::PersonId by;
  core::LeaseId lease;
  records::Decision decision;
  std::string digest;           // of the statement that was signed
  std::string signature;        // base64
  std::string certificate_pem;  // the caller's, from the connection
  std::string note;             // findings, for a break-glass review
};

// Refuses with kUnknownLease, kOwnLease, kNoSeatForYou, kAlreadyReviewed, kWrongState,
// kAlreadyEnded, kDigestMismatch, kSignatureInvalid, kNothingToReview, kReasonEmpty/TooLong/NotUtf8
// (of the note).
absl::StatusOr<SeenLease> ReviewLease(Ports& ports, const ReviewOrder& order);

struct StatementView {
  SeenLease seen;
  std::string statement;
  std::string digest;
};
// What `by` would sign. Refuses with kUnknownLease, and for an acceptance that is not owed with
// kNothingToReview or kWrongState.
absl::StatusOr<StatementView> StatementToSign(Ports& ports, const core::PersonId& by,
                                              const core::LeaseId& lease,
                                              records::Decision decision);

}  // namespace jit::use_cases
