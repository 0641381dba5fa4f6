// An approver's signature: made with the key of their own certificate, over the statement's bytes.
//
// Promises: Verify accepts ECDSA P-256 with SHA-256 (DER, base64) and Ed25519 (base64) and nothing
// else. Knows no approver: mapping a certificate to a person is the caller's business. Safe from
// any thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::credential {

// Domain separation: what is signed is this line, a newline, and the statement.
constexpr absl::string_view kReviewContext = "jit-access review v1";

// What a review's signature covers: the statement (one line of canonical JSON), a newline, the
// note.
std::string ReviewText(absl::string_view statement, absl::string_view note);

// Signs with a PKCS#8 or SEC1 PEM private key. kInvalidArgument when the key is of another kind.
absl::StatusOr<std::string> Sign(absl::string_view private_key_pem, absl::string_view context,
                                 absl::string_view statement);

// OK, or kInvalidArgument saying what does not hold.
absl::Status Verify(absl::string_view certificate_pem, absl::string_view context,
                    absl::string_view statement, absl::string_view signature_base64);

}  // namespace jit::credential
