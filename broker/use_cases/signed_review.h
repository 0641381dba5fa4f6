// Whether a review is signed by the one who came with it. Leases and changes ask the same way.
//
// Promises: only the signature over the statement and the note is judged; whether the certificate
// is trusted was judged at the door. Safe from any thread.
#pragma once

#include "absl/status/status.h"
#include "broker/core/lease/lease.h"

namespace jit::use_cases {

// Refuses with kSignatureInvalid.
absl::Status CheckSignature(const lease::SignedReview& review);

}  // namespace jit::use_cases
