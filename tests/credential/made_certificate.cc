#include "tests/credential/made_certificate.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "broker/credential/openssl_handles.h"

namespace jit::credential {
namespace {

EVP_PKEY* NewKey(KeyShape shape) {
  switch (shape) {
    case KeyShape::kP256:
      return EVP_EC_gen("P-256");
    case KeyShape::kP384:
      return EVP_EC_gen("P-384");
    case KeyShape::kSecp256k1:
      return EVP_EC_gen("secp256k1");
    case KeyShape::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyShape::kRsa2048:
      return EVP_RSA_gen(2048);
  }
  return nullptr;
}

std::string TextOf(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

void AddNames(X509* certificate, const CertificateOrder& order) {
  const NamesHandle names(GENERAL_NAMES_new());
  for (const auto& [shape, text] : order.sans) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* value = ASN1_IA5STRING_new();
    ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
    const int type = shape == SanShape::kUri   ? GEN_URI
                     : shape == SanShape::kDns ? GEN_DNS
                                               : GEN_EMAIL;
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names.get(), name);
  }
  if (!order.sans.empty()) {
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_APPEND);
  }
  if (order.san_twice == CertificateOrder::SanTwice::kYes) {
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_APPEND);
  }
}

void AddCommonName(X509_NAME* name, const std::string& text) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, UnsignedBytes(text), -1, -1, 0);
}

}  // namespace

std::string MakeKeyPem(KeyShape shape) {
  const KeyHandle key(NewKey(shape));
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return TextOf(bio.get());
}

KeyAndCertificate MakeCertificate(const CertificateOrder& order, const KeyAndCertificate* issuer) {
  const std::string key_pem = MakeKeyPem(order.key);
  const KeyHandle key = ReadPrivateKeyPem(key_pem);
  const KeyHandle issuer_key = ReadPrivateKeyPem(issuer == nullptr ? key_pem : issuer->key_pem);
  const X509Handle certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), order.serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(order.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(order.not_after));
  AddCommonName(X509_get_subject_name(certificate.get()), order.common_name);
  if (issuer == nullptr) {
    AddCommonName(X509_get_issuer_name(certificate.get()), order.common_name);
  } else {
    const std::vector<X509Handle> chain = ReadCertificatesPem(issuer->certificate_pem);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(chain.front().get()));
  }
  X509_set_pubkey(certificate.get(), key.get());
  if (order.authority == CertificateOrder::Authority::kYes) {
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  AddNames(certificate.get(), order);
  const bool own_digest = EVP_PKEY_get_base_id(issuer_key.get()) == EVP_PKEY_ED25519;
  X509_sign(certificate.get(), issuer_key.get(), own_digest ? nullptr : EVP_sha256());
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  return {key_pem, TextOf(bio.get())};
}

KeyAndCertificate MakePerson(absl::string_view uri, KeyShape shape) {
  CertificateOrder order;
  order.key = shape;
  order.sans = {{SanShape::kUri, std::string(uri)}};
  return MakeCertificate(order);
}

}  // namespace jit::credential
