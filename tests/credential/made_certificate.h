// Certificates and keys of every shape, good and bad, made on the spot.
//
// Promises: what the order says is what the certificate says, however wrong. For tests only: it
// takes randomness from OpenSSL and trusts everybody. Safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jit::credential {

enum class KeyShape { kP256, kP384, kSecp256k1, kEd25519, kRsa2048 };
enum class SanShape { kUri, kDns, kEmail };

struct KeyAndCertificate {
  std::string key_pem;
  std::string certificate_pem;
};

struct CertificateOrder {
  KeyShape key = KeyShape::kP256;
  std::string common_name = "someone";
  std::vector<std::pair<SanShape, std::string>> sans;
  absl::Time not_before = absl::FromUnixSeconds(1'700'000'000);
  absl::Time not_after = absl::FromUnixSeconds(1'900'000'000);
  std::uint32_t serial = 0x0ABC;
  enum class Authority { kNo, kYes } authority = Authority::kNo;
  enum class SanTwice { kNo, kYes } san_twice = SanTwice::kNo;  // the whole extension, twice
};

std::string MakeKeyPem(KeyShape shape);

// Signed by `issuer`, or by its own key without one.
KeyAndCertificate MakeCertificate(const CertificateOrder& order,
                                  const KeyAndCertificate* issuer = nullptr);

// A person's pair, with one URI SAN.
KeyAndCertificate MakePerson(absl::string_view uri, KeyShape shape = KeyShape::kP256);

}  // namespace jit::credential
