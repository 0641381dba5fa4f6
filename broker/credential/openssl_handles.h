// OpenSSL's handles as owners, and reading them from PEM. Private to this room.
//
// Promises: nothing here asks for a pass phrase on a terminal, and no function leaves an error in
// OpenSSL's queue, where the next user on this thread (gRPC, libpq) would find it. Safe from any
// thread.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jit::credential {

template <auto kFree>
struct FreedBy {
  template <class T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

using BioHandle = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;
using NamesHandle = std::unique_ptr<GENERAL_NAMES, FreedBy<GENERAL_NAMES_free>>;
using StoreHandle = std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreedBy<X509_STORE_CTX_free>>;
using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;

constexpr std::size_t kPemBytesMax = std::size_t{1024} * 1024;

// Null when the text holds no private key that can be read without a pass phrase.
KeyHandle ReadPrivateKeyPem(absl::string_view pem);

// The certificates in the text, in order; empty when there is none or one of them is broken.
std::vector<X509Handle> ReadCertificatesPem(absl::string_view pem);

const unsigned char* UnsignedBytes(absl::string_view bytes);

// Standard base64 in its one spelling: padded, no white space, unused bits zero.
std::optional<std::string> StrictBase64(absl::string_view text);

// SHA-256 in lower-case hex.
std::string DigestHex(absl::string_view bytes);

}  // namespace jit::credential
