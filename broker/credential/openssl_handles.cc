#include "broker/credential/openssl_handles.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"

namespace jit::credential {
namespace {

// Without it OpenSSL would ask on the terminal.
int NoPassPhrase(char*, int, int, void*) {
  return -1;
}

BioHandle Reading(absl::string_view text) {
  if (text.size() > kPemBytesMax) {
    return nullptr;
  }
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

KeyHandle ReadPrivateKeyPem(absl::string_view pem) {
  const BioHandle bio = Reading(pem);
  KeyHandle key(bio == nullptr
                    ? nullptr
                    : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr));
  ERR_clear_error();
  return key;
}

std::vector<X509Handle> ReadCertificatesPem(absl::string_view pem) {
  std::vector<X509Handle> certificates;
  const BioHandle bio = Reading(pem);
  if (bio == nullptr) {
    return certificates;
  }
  ERR_clear_error();
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr)) {
    certificates.emplace_back(certificate);
  }
  // The reader ends with this error when nothing is left, and with another when something is that
  // it could not read.
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!ended) {
    certificates.clear();
  }
  return certificates;
}

const unsigned char* UnsignedBytes(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::optional<std::string> StrictBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

std::string DigestHex(absl::string_view bytes) {
  std::string digest(32, '\0');
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, EVP_sha256(), nullptr) != 1) {
    std::abort();  // no memory or no SHA-256: nothing this program promises holds without it
  }
  return absl::BytesToHexString(digest);
}

}  // namespace jit::credential
