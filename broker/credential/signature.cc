#include "broker/credential/signature.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/credential/openssl_handles.h"

namespace jit::credential {
namespace {

constexpr std::size_t kSignatureBytesMax = 80;  // DER of two 32-byte numbers; Ed25519 takes 64

enum class KeyKind { kP256, kEd25519 };

std::optional<KeyKind> KindOf(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
    return KeyKind::kEd25519;
  }
  std::array<char, 32> group{};
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                     nullptr) == 1 &&
      absl::string_view(group.data()) == "prime256v1") {
    return KeyKind::kP256;
  }
  ERR_clear_error();
  return std::nullopt;
}

// Ed25519 hashes by itself and takes no digest.
const EVP_MD* DigestOf(KeyKind kind) {
  return kind == KeyKind::kP256 ? EVP_sha256() : nullptr;
}

std::string SignedText(absl::string_view context, absl::string_view statement) {
  return absl::StrCat(context, "\n", statement);
}

bool SignatureHolds(EVP_PKEY* key, KeyKind kind, absl::string_view text,
                    absl::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  const bool holds =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, DigestOf(kind), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), UnsignedBytes(signature), signature.size(),
                       UnsignedBytes(text), text.size()) == 1;
  ERR_clear_error();
  return holds;
}

}  // namespace

std::string ReviewText(absl::string_view statement, absl::string_view note) {
  return absl::StrCat(statement, "\n", note);
}

absl::StatusOr<std::string> Sign(absl::string_view private_key_pem, absl::string_view context,
                                 absl::string_view statement) {
  const KeyHandle key = ReadPrivateKeyPem(private_key_pem);
  if (key == nullptr) {
    return absl::InvalidArgumentError("the signing key is not an unencrypted private key in PEM");
  }
  const std::optional<KeyKind> kind = KindOf(key.get());
  if (!kind.has_value()) {
    return absl::InvalidArgumentError("the signing key is neither P-256 nor Ed25519");
  }
  const std::string text = SignedText(context, statement);
  std::string signature(kSignatureBytesMax, '\0');
  std::size_t length = signature.size();
  const DigestContext digest(EVP_MD_CTX_new());
  const bool made =
      digest != nullptr &&
      EVP_DigestSignInit(digest.get(), nullptr, DigestOf(*kind), nullptr, key.get()) == 1 &&
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     UnsignedBytes(text), text.size()) == 1;
  ERR_clear_error();
  if (!made) {
    return absl::InternalError("the statement could not be signed");
  }
  signature.resize(length);
  return absl::Base64Escape(signature);
}

absl::Status Verify(absl::string_view certificate_pem, absl::string_view context,
                    absl::string_view statement, absl::string_view signature_base64) {
  const std::vector<X509Handle> certificates = ReadCertificatesPem(certificate_pem);
  if (certificates.empty()) {
    return absl::InvalidArgumentError("the signer's certificate is not a certificate in PEM");
  }
  EVP_PKEY* const key = X509_get0_pubkey(certificates.front().get());
  const std::optional<KeyKind> kind = key == nullptr ? std::nullopt : KindOf(key);
  ERR_clear_error();
  if (!kind.has_value()) {
    return absl::InvalidArgumentError("the signer's key is neither P-256 nor Ed25519");
  }
  const std::optional<std::string> signature = StrictBase64(signature_base64);
  if (!signature.has_value() || signature->empty() || signature->size() > kSignatureBytesMax) {
    return absl::InvalidArgumentError("the signature is not a signature in base64");
  }
  if (!SignatureHolds(key, *kind, SignedText(context, statement), *signature)) {
    return absl::InvalidArgumentError("the signature does not hold for this statement and key");
  }
  return absl::OkStatus();
}

}  // namespace jit::credential
