#include "broker/credential/certificate.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "broker/credential/openssl_handles.h"

namespace jit::credential {
namespace {

constexpr std::size_t kUriBytesMax = 256;

absl::StatusOr<std::string> UriSanOf(const X509* certificate) {
  // An extension that occurs twice is answered like one that is missing.
  const NamesHandle names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::optional<absl::string_view> uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) {
      continue;
    }
    if (uri.has_value()) {
      return absl::InvalidArgumentError("the certificate has more than one URI SAN");
    }
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri = absl::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                            static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  if (!uri.has_value() || uri->empty()) {
    return absl::InvalidArgumentError("the certificate has no URI SAN");
  }
  if (uri->size() > kUriBytesMax) {
    return absl::InvalidArgumentError("the certificate's URI SAN is longer than 256 bytes");
  }
  // Space included: it is no part of a URI, and it would let two identities look alike.
  if (!std::all_of(uri->begin(), uri->end(), [](char c) { return c > ' ' && c < 0x7f; })) {
    return absl::InvalidArgumentError("the certificate's URI SAN is not printable ASCII");
  }
  return std::string(*uri);
}

std::optional<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  const absl::CivilSecond civil(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                                parts.tm_hour, parts.tm_min, parts.tm_sec);
  return absl::FromCivil(civil, absl::UTCTimeZone());
}

std::optional<std::string> SerialOf(const X509* certificate) {
  const NumberHandle number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* hex = number == nullptr ? nullptr : BN_bn2hex(number.get());
  if (hex == nullptr) {
    return std::nullopt;
  }
  std::string serial = absl::AsciiStrToLower(hex);
  OPENSSL_free(hex);
  return serial;
}

std::optional<std::string> FingerprintOf(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) {
    return std::nullopt;
  }
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

// Whether a chain leads from the first certificate, through the others, to one of the store.
absl::Status CheckChain(X509_STORE* store, const std::vector<X509Handle>& certificates, int purpose,
                        absl::Time now) {
  STACK_OF(X509)* others = sk_X509_new_null();
  bool ready = others != nullptr;
  for (std::size_t i = 1; ready && i < certificates.size(); ++i) {
    ready = sk_X509_push(others, certificates[i].get()) > 0;
  }
  const StoreContext context(X509_STORE_CTX_new());
  ready = ready && context != nullptr &&
          X509_STORE_CTX_init(context.get(), store, certificates.front().get(), others) == 1;
  absl::Status status = absl::OkStatus();
  if (!ready) {
    status = absl::InternalError("the certificate chain could not be checked");
  } else {
    X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(rules, absl::ToTimeT(now));
    X509_VERIFY_PARAM_set_purpose(rules, purpose);
    // An intermediate that is given as an authority is trusted as one, as gRPC does.
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    if (X509_verify_cert(context.get()) != 1) {
      status = absl::InvalidArgumentError(
          absl::StrCat("the certificate does not verify: ",
                       X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
    }
  }
  sk_X509_free(others);  // the stack only; the certificates have their owner
  return status;
}

absl::Status CheckAgainst(const std::vector<X509Handle>& authorities,
                          const std::vector<X509Handle>& certificates, int purpose,
                          absl::Time now) {
  const StoreHandle store(X509_STORE_new());
  bool trusted = store != nullptr;
  for (const X509Handle& authority : authorities) {
    trusted = trusted && X509_STORE_add_cert(store.get(), authority.get()) == 1;
  }
  absl::Status status = trusted ? CheckChain(store.get(), certificates, purpose, now)
                                : absl::InternalError("the authorities could not be read");
  ERR_clear_error();
  return status;
}

}  // namespace

absl::StatusOr<Certificate> ReadCertificate(absl::string_view pem) {
  const std::vector<X509Handle> certificates = ReadCertificatesPem(pem);
  if (certificates.empty()) {
    return absl::InvalidArgumentError("not a certificate in PEM");
  }
  const X509* const certificate = certificates.front().get();
  absl::StatusOr<std::string> uri = UriSanOf(certificate);
  const std::optional<std::string> fingerprint = FingerprintOf(certificate);
  const std::optional<std::string> serial = SerialOf(certificate);
  const std::optional<absl::Time> not_before = TimeOf(X509_get0_notBefore(certificate));
  const std::optional<absl::Time> not_after = TimeOf(X509_get0_notAfter(certificate));
  ERR_clear_error();
  if (!uri.ok()) {
    return uri.status();
  }
  if (!fingerprint.has_value() || !serial.has_value() || !not_before.has_value() ||
      !not_after.has_value()) {
    return absl::InvalidArgumentError("the certificate's serial or dates are malformed");
  }
  return Certificate{*std::move(uri), *fingerprint, *serial, *not_before, *not_after};
}

absl::Status CheckPair(absl::string_view certificate_pem, absl::string_view key_pem) {
  const std::vector<X509Handle> certificates = ReadCertificatesPem(certificate_pem);
  if (certificates.empty()) {
    return absl::InvalidArgumentError("the certificate is not a certificate in PEM");
  }
  const KeyHandle key = ReadPrivateKeyPem(key_pem);
  if (key == nullptr) {
    return absl::InvalidArgumentError("the key is not an unencrypted private key in PEM");
  }
  const bool belong = X509_check_private_key(certificates.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!belong) {
    return absl::InvalidArgumentError("the key does not belong to the certificate");
  }
  return absl::OkStatus();
}

absl::Status CheckServerPair(absl::string_view certificate_pem, absl::string_view key_pem,
                             absl::string_view authorities_pem, absl::Time now) {
  absl::Status pair = CheckPair(certificate_pem, key_pem);
  if (!pair.ok()) return pair;
  const std::vector<X509Handle> authorities = ReadCertificatesPem(authorities_pem);
  if (authorities.empty()) {
    return absl::InvalidArgumentError("the authorities are not certificates in PEM");
  }
  return CheckAgainst(authorities, ReadCertificatesPem(certificate_pem), X509_PURPOSE_SSL_SERVER,
                      now);
}

absl::Status CheckIssued(absl::string_view certificate_pem, absl::string_view authorities_pem,
                         absl::Time at) {
  const std::vector<X509Handle> certificates = ReadCertificatesPem(certificate_pem);
  const std::vector<X509Handle> authorities = ReadCertificatesPem(authorities_pem);
  if (certificates.empty() || authorities.empty()) {
    return absl::InvalidArgumentError(certificates.empty()
                                          ? "not a certificate in PEM"
                                          : "the authorities are not certificates in PEM");
  }
  return CheckAgainst(authorities, certificates, X509_PURPOSE_SSL_CLIENT, at);
}

}  // namespace jit::credential
