// Certificates and signatures from strangers: no crash, no identity outside printable ASCII, and
// nothing left in OpenSSL's queue of errors.
#include <openssl/err.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/credential/certificate.h"
#include "broker/credential/signature.h"

namespace {

using jit::credential::ReadCertificate;

void Check(const std::string& pem) {
  const auto certificate = ReadCertificate(pem);
  if (certificate.ok()) {
    const std::string& uri = certificate->uri_san;
    const bool plain =
        std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (uri.empty() || uri.size() > 256 || !plain) std::abort();
  }
  if (jit::credential::Verify(pem, jit::credential::kReviewContext, "statement", pem).ok()) {
    std::abort();
  }
  (void)jit::credential::CheckServerPair(pem, pem, pem, absl::FromUnixSeconds(1'800'000'000));
  (void)jit::credential::CheckIssued(pem, pem, absl::FromUnixSeconds(1'800'000'000));
  if (ERR_peek_error() != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  Check(text);
  // The DER inside is where the structure is: hand it over without the armour in the way.
  Check(absl::StrCat("-----BEGIN CERTIFICATE-----\n", absl::Base64Escape(text),
                     "\n-----END CERTIFICATE-----\n"));
  return 0;
}
