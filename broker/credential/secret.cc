#include "broker/credential/secret.h"

#include <openssl/crypto.h>

namespace jit::credential {
namespace {

void WipeString(std::string& bytes) {
  bytes.resize(bytes.capacity());  // what a longer content left behind the end is wiped too
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace

// A string is never moved here: moving a short one copies it and leaves its bytes in the source,
// out of reach of any wiping. It is copied and the source wiped.
Secret::Secret(std::string bytes) : bytes_(bytes.data(), bytes.size()) {
  WipeString(bytes);
}

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_.data(), other.bytes_.size()) {
  other.Wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_.assign(other.bytes_.data(), other.bytes_.size());
    other.Wipe();
  }
  return *this;
}

Secret::~Secret() {
  Wipe();
}

absl::string_view Secret::RevealForUse() const {
  return bytes_;
}

bool Secret::ConstantTimeEquals(const Secret& other) const {
  return bytes_.size() == other.bytes_.size() &&
         CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
}

void Secret::Wipe() {
  WipeString(bytes_);
}

}  // namespace jit::credential
