// A reviewer's signed yes or no on a change, and the ways to take one back before it is applied.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/use_cases/seen_change.h"

namespace jit::use_cases {

struct ChangeReviewOrder {
  core::IdempotencyId idempotency_id;
  core::PersonId by;
  core::ChangeId change;
  lease::Verdict verdict = lease::Verdict::kYes;
  std::string digest;           // of the statement that was signed
  std::string signature;        // base64
  std::string certificate_pem;  // the caller's, from the connection
  std::string note;
};

// Refuses with kUnknownChange, kOwnLease, kNoSeatForYou, kAlreadyReviewed, kWrongState,
// kAlreadyEnded, kDigestMismatch, kSignatureInvalid, kReasonEmpty/TooLong/NotUtf8 (of the note).
absl::StatusOr<SeenChange> ReviewChange(Ports& ports, const ChangeReviewOrder& order);

struct ChangeStatementView {
  SeenChange seen;
  std::string statement;
  std::string digest;
};
// What `by` would sign. Refuses with kUnknownChange.
absl::StatusOr<ChangeStatementView> ChangeStatementToSign(Ports& ports, const core::PersonId& by,
                                                          const core::ChangeId& id,
                                                          lease::Verdict verdict);

// Its author withdraws it before it is applied. Repeats are harmless. Refuses with kUnknownChange,
// kNotHolder, kWrongState, kAlreadyEnded.
absl::StatusOr<SeenChange> WithdrawChange(Ports& ports, const core::PersonId& by,
                                          const core::ChangeId& id);

// Takes an approval back before it is used: who could review it or is an operator. Refuses with
// kUnknownChange, kOwnLease, kNoSeatForYou, kWrongState, kAlreadyEnded.
absl::StatusOr<SeenChange> DenyChange(Ports& ports, const core::PersonId& by,
                                      const core::ChangeId& id, const std::string& note);

}  // namespace jit::use_cases
