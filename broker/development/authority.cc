#include "broker/development/authority.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jit::development {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

absl::Status Failed(absl::string_view what) {
  return absl::InternalError(absl::StrCat("OpenSSL could not ", what));
}

std::string TextOf(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

absl::StatusOr<credential::Secret> PemOf(EVP_PKEY* key) {
  // Secure-heap aware and wiped when freed, unlike a plain memory BIO.
  Bio bio(BIO_new(BIO_s_secmem()));
  if (!bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failed("write a private key");
  }
  return credential::Secret(TextOf(bio.get()));
}

absl::StatusOr<std::string> PemOf(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return Failed("write a certificate");
  }
  return TextOf(bio.get());
}

absl::StatusOr<Key> ReadKey(const credential::Secret& pem) {
  const absl::string_view text = pem.RevealForUse();
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) {
    return absl::InvalidArgumentError("the authority's key file holds no private key");
  }
  return key;
}

absl::StatusOr<X509Ptr> ReadX509(absl::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509Ptr certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!certificate) {
    return absl::InvalidArgumentError("the authority's certificate file holds no certificate");
  }
  return certificate;
}

// The serial is the beginning of the key's own hash: unique without asking anybody for chance, and
// positive in every reading because the first bit is cleared and the second is set.
absl::Status SetSerial(X509* certificate, EVP_PKEY* key) {
  unsigned char* spki = nullptr;
  const int size = i2d_PUBKEY(key, &spki);
  if (size <= 0) {
    return Failed("encode a public key");
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(spki, static_cast<std::size_t>(size), hash.data());
  OPENSSL_free(spki);
  hash[0] = static_cast<unsigned char>((hash[0] & 0x3F) | 0x40);
  std::unique_ptr<BIGNUM, Freed<BN_free>> number(BN_bin2bn(hash.data(), 16, nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return Failed("set a serial number");
  }
  return absl::OkStatus();
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a certificate cannot carry this ", OBJ_nid2ln(nid)));
  }
  return absl::OkStatus();
}

// Everything a root and a leaf have in common. The caller adds extensions and signs.
absl::StatusOr<X509Ptr> Begin(EVP_PKEY* key, absl::string_view common_name, absl::Time not_before,
                              absl::Time not_after) {
  X509Ptr certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return Failed("begin a certificate");
  }
  if (absl::Status serial = SetSerial(certificate.get(), key); !serial.ok()) {
    return serial;
  }
  if (ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(not_before)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(not_after)) == nullptr) {
    return absl::InvalidArgumentError("a certificate cannot carry these dates");
  }
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const std::string name(common_name);
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) != 1) {
    return absl::InvalidArgumentError("a common name has 1 to 64 characters");
  }
  return certificate;
}

absl::StatusOr<std::string> AlternativeNames(const CertificateOrder& order) {
  std::vector<std::string> names;
  const auto add = [&names](absl::string_view kind, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      names.push_back(absl::StrCat(kind, ":", value));
    }
  };
  add("URI", order.uris);
  add("DNS", order.dns_names);
  add("IP", order.addresses);
  for (const std::string& name : names) {
    // OpenSSL's own little language separates names by commas.
    if (absl::StrContains(name, ",")) {
      return absl::InvalidArgumentError("an alternative name contains a comma");
    }
  }
  return absl::StrJoin(names, ",");
}

}  // namespace

absl::StatusOr<Authority> Authority::Make(absl::string_view common_name, absl::Time not_before,
                                          absl::Time not_after) {
  Key key(EVP_EC_gen("P-256"));
  if (!key) {
    return Failed("make a P-256 key");
  }
  absl::StatusOr<X509Ptr> root = Begin(key.get(), common_name, not_before, not_after);
  if (!root.ok()) {
    return root.status();
  }
  X509* certificate = root->get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  const std::pair<int, const char*> extensions[] = {
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"},
  };
  for (const auto& [nid, value] : extensions) {
    if (absl::Status added = AddExtension(certificate, certificate, nid, value); !added.ok()) {
      return added;
    }
  }
  if (X509_sign(certificate, key.get(), EVP_sha256()) == 0) {
    return Failed("sign a certificate");
  }
  absl::StatusOr<std::string> certificate_pem = PemOf(certificate);
  if (!certificate_pem.ok()) {
    return certificate_pem.status();
  }
  absl::StatusOr<credential::Secret> key_pem = PemOf(key.get());
  if (!key_pem.ok()) {
    return key_pem.status();
  }
  return Authority(*std::move(certificate_pem), *std::move(key_pem));
}

absl::StatusOr<Authority> Authority::Load(absl::string_view certificate_pem,
                                          const credential::Secret& key_pem) {
  absl::StatusOr<Key> key = ReadKey(key_pem);
  if (!key.ok()) {
    return key.status();
  }
  absl::StatusOr<X509Ptr> certificate = ReadX509(certificate_pem);
  if (!certificate.ok()) {
    return certificate.status();
  }
  if (X509_check_private_key(certificate->get(), key->get()) != 1 ||
      X509_check_ca(certificate->get()) != 1) {
    return absl::InvalidArgumentError("the authority's certificate and key do not belong together");
  }
  return Authority(std::string(certificate_pem),
                   credential::Secret(std::string(key_pem.RevealForUse())));
}

absl::StatusOr<KeyPair> Authority::Issue(const CertificateOrder& order) const {
  absl::StatusOr<Key> issuer_key = ReadKey(key_pem_);
  if (!issuer_key.ok()) {
    return issuer_key.status();
  }
  absl::StatusOr<X509Ptr> issuer = ReadX509(certificate_pem_);
  if (!issuer.ok()) {
    return issuer.status();
  }
  Key key(EVP_EC_gen("P-256"));
  if (!key) {
    return Failed("make a P-256 key");
  }
  absl::StatusOr<X509Ptr> leaf =
      Begin(key.get(), order.common_name, order.not_before, order.not_after);
  if (!leaf.ok()) {
    return leaf.status();
  }
  X509* certificate = leaf->get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer->get()));
  absl::StatusOr<std::string> names = AlternativeNames(order);
  if (!names.ok()) {
    return names.status();
  }
  std::vector<std::pair<int, std::string>> extensions = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, order.use == Use::kServer ? "serverAuth" : "clientAuth"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
  };
  if (!names->empty()) {
    extensions.emplace_back(NID_subject_alt_name, *names);
  }
  for (const auto& [nid, value] : extensions) {
    if (absl::Status added = AddExtension(certificate, issuer->get(), nid, value); !added.ok()) {
      return added;
    }
  }
  if (X509_sign(certificate, issuer_key->get(), EVP_sha256()) == 0) {
    return Failed("sign a certificate");
  }
  absl::StatusOr<std::string> certificate_pem = PemOf(certificate);
  if (!certificate_pem.ok()) {
    return certificate_pem.status();
  }
  absl::StatusOr<credential::Secret> key_text = PemOf(key.get());
  if (!key_text.ok()) {
    return key_text.status();
  }
  return KeyPair{*std::move(certificate_pem), *std::move(key_text)};
}

absl::StatusOr<credential::Secret> MakeSigningKey() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) {
    return Failed("make an Ed25519 key");
  }
  return PemOf(key.get());
}

}  // namespace jit::development
