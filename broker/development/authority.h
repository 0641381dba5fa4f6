// A certificate authority of our own, for development and for tests: small, private, short-lived.
//
// Promises: P-256 keys; every certificate carries exactly the names ordered and nothing else; the
// time is the caller's. Does not know where the files go, nor revocation: what it issues ends soon.
// An Authority is immutable once made; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/credential/secret.h"

namespace jit::development {

// A certificate and the private key that belongs to it (PKCS#8), both PEM.
struct KeyPair {
  std::string certificate_pem;
  credential::Secret key_pem;
};

enum class Use { kServer, kClient };

// What a certificate is to say. Tests order odd ones: no URI, two of them, dates in the past.
struct CertificateOrder {
  std::string common_name;             // for people who look; nothing trusts it
  std::vector<std::string> uris;       // URI SANs
  std::vector<std::string> dns_names;  // DNS SANs
  std::vector<std::string> addresses;  // IP SANs, dotted or colon form
  Use use = Use::kClient;              // the one extended key usage
  absl::Time not_before;
  absl::Time not_after;
};

class Authority {
 public:
  // A new root with a key of its own, valid from `not_before` to `not_after`.
  // kInternal when OpenSSL fails.
  static absl::StatusOr<Authority> Make(absl::string_view common_name, absl::Time not_before,
                                        absl::Time not_after);
  // The authority whose files were kept. kInvalidArgument when they are not such a pair.
  static absl::StatusOr<Authority> Load(absl::string_view certificate_pem,
                                        const credential::Secret& key_pem);

  // Issues a certificate for a new key. kInvalidArgument when a name cannot be put into one.
  absl::StatusOr<KeyPair> Issue(const CertificateOrder& order) const;

  const std::string& certificate_pem() const { return certificate_pem_; }
  const credential::Secret& key_pem() const { return key_pem_; }

 private:
  Authority(std::string certificate_pem, credential::Secret key_pem)
      : certificate_pem_(std::move(certificate_pem)), key_pem_(std::move(key_pem)) {}
  std::string certificate_pem_;
  credential::Secret key_pem_;
};

// A new Ed25519 private key (PKCS#8 PEM) for signing checkpoints.
absl::StatusOr<credential::Secret> MakeSigningKey();

}  // namespace jit::development
