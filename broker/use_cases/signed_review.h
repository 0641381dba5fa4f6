// What somebody came with to decide, as the lifecycle takes it, and whether it is signed by them.
// Leases and changes ask the same way.
//
// Promises: only the signature over the statement and the note is judged; whether the certificate
// is trusted was judged at the door. Safe from any thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/core/lease/lease.h"

namespace jit::use_cases {

// The review out of an order for a lease or a change, over the statement as it stands now.
template <class Order>
lease::SignedReview SignedReviewOf(const Order& order, lease::Verdict verdict,
                                   const std::string& statement, absl::Time now) {
  return {.by = order.by,
          .verdict = verdict,
          .note = order.note,
          .statement = statement,
          .digest = order.digest,
          .signature = order.signature,
          .certificate_pem = order.certificate_pem,
          .time = now};
}

// Refuses with kSignatureInvalid. Changes nothing; a repeat is harmless.
absl::Status CheckSignature(const lease::SignedReview& review);

}  // namespace jit::use_cases
