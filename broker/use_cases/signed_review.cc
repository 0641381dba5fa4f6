#include "broker/use_cases/signed_review.h"

#include "broker/core/refusal.h"
#include "broker/credential/signature.h"

namespace jit::use_cases {

absl::Status CheckSignature(const lease::SignedReview& review) {
  const absl::Status verified =
      credential::Verify(review.certificate_pem, credential::kReviewContext,
                         credential::ReviewText(review.statement, review.note), review.signature);
  if (verified.ok()) return verified;
  return core::Refuse(
      core::Reason::kSignatureInvalid,
      "the signature does not verify with the key of the certificate you came with; "
      "sign with the key that belongs to it");
}

}  // namespace jit::use_cases
