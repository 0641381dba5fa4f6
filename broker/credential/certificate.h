// What we read from a certificate: exactly one URI SAN, the fingerprint, the dates.
//
// Promises: an identity comes from the URI SAN alone; the common name is ignored; none or several
// URI SANs are an error. Does not check the chain: TLS has done that, or the caller must.
// Safe from any thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jit::credential {

struct Certificate {
  std::string uri_san;
  std::string fingerprint;  // SHA-256 hex over the DER
  std::string serial;       // lower-case hex
  absl::Time not_before;
  absl::Time not_after;
};

// kInvalidArgument: not a certificate; no URI SAN; more than one; a SAN above 256 bytes or with
// bytes outside printable ASCII.
absl::StatusOr<Certificate> ReadCertificate(absl::string_view pem);

// Whether this key is the one of the first certificate. kInvalidArgument with the reason otherwise.
absl::Status CheckPair(absl::string_view certificate_pem, absl::string_view key_pem);

// Whether this certificate and key belong together, and the certificate was issued by one of the
// authorities and is valid at `now`: what has to hold before a pair is published to TLS.
absl::Status CheckServerPair(absl::string_view certificate_pem, absl::string_view key_pem,
                             absl::string_view authorities_pem, absl::Time now);

// Whether the first certificate in the PEM was issued by one of the authorities, by way of the
// others in it, for a client, and was valid at `at`. kInvalidArgument with the reason otherwise.
absl::Status CheckIssued(absl::string_view certificate_pem, absl::string_view authorities_pem,
                         absl::Time at);

}  // namespace jit::credential
