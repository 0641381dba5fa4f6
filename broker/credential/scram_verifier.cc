#include "broker/credential/scram_verifier.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "broker/credential/openssl_handles.h"

namespace jit::credential {
namespace {

constexpr absl::string_view kMechanism = "SCRAM-SHA-256$";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSaltBytesMin = 16;
constexpr std::size_t kSaltBytesMax = 48;
constexpr int kIterationsMax = 1'000'000;
constexpr std::size_t kEntropyBytes = 32;

using KeyBytes = std::array<unsigned char, kKeyBytes>;

absl::string_view ViewOf(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool IsKey(absl::string_view base64) {
  const std::optional<std::string> bytes = StrictBase64(base64);
  return bytes.has_value() && bytes->size() == kKeyBytes;
}

bool HmacSha256(const KeyBytes& key, absl::string_view text, KeyBytes& result) {
  return HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), UnsignedBytes(text),
              text.size(), result.data(), nullptr) != nullptr;
}

}  // namespace

absl::StatusOr<ScramVerifier> ScramVerifier::Parse(absl::string_view text) {
  const absl::Status malformed =
      absl::InvalidArgumentError("the password verifier is not a SCRAM-SHA-256 verifier");
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, kMechanism)) {
    return malformed;
  }
  const std::vector<absl::string_view> halves = absl::StrSplit(rest, '$');
  if (halves.size() != 2) {
    return malformed;
  }
  const std::vector<absl::string_view> cost = absl::StrSplit(halves[0], ':');
  const std::vector<absl::string_view> keys = absl::StrSplit(halves[1], ':');
  if (cost.size() != 2 || keys.size() != 2) {
    return malformed;
  }
  int iterations = 0;
  if (!absl::SimpleAtoi(cost[0], &iterations) || absl::StrCat(iterations) != cost[0] ||
      iterations < kScramIterations || iterations > kIterationsMax) {
    return malformed;
  }
  const std::optional<std::string> salt = StrictBase64(cost[1]);
  if (!salt.has_value() || salt->size() < kSaltBytesMin || salt->size() > kSaltBytesMax ||
      !IsKey(keys[0]) || !IsKey(keys[1])) {
    return malformed;
  }
  return ScramVerifier(std::string(text));
}

absl::StatusOr<ScramVerifier> ScramVerifier::Make(const Secret& password,
                                                  std::span<const std::uint8_t> salt) {
  const absl::string_view bytes = password.RevealForUse();
  if (bytes.empty() ||
      !std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= ' ' && c < 0x7f; })) {
    return absl::InvalidArgumentError("the password is not printable ASCII");
  }
  if (salt.size() < kSaltBytesMin || salt.size() > kSaltBytesMax) {
    return absl::InvalidArgumentError("the salt is not 16 to 48 bytes");
  }
  // RFC 5802 section 3: both keys come from the salted password, and only a one-way form of the
  // client's is kept.
  KeyBytes salted{}, client_key{}, stored_key{}, server_key{};
  const bool made = PKCS5_PBKDF2_HMAC(bytes.data(), static_cast<int>(bytes.size()), salt.data(),
                                      static_cast<int>(salt.size()), kScramIterations, EVP_sha256(),
                                      static_cast<int>(salted.size()), salted.data()) == 1 &&
                    HmacSha256(salted, "Client Key", client_key) &&
                    EVP_Digest(client_key.data(), client_key.size(), stored_key.data(), nullptr,
                               EVP_sha256(), nullptr) == 1 &&
                    HmacSha256(salted, "Server Key", server_key);
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client_key.data(), client_key.size());
  if (!made) {
    return absl::InternalError("the password verifier could not be computed");
  }
  return ScramVerifier(absl::StrCat(
      kMechanism, kScramIterations, ":", absl::Base64Escape(ViewOf(salt)), "$",
      absl::Base64Escape(ViewOf(stored_key)), ":", absl::Base64Escape(ViewOf(server_key))));
}

std::string ScramVerifier::Digest() const {
  return DigestHex(text_);
}

Secret PasswordFrom(std::span<const std::uint8_t> entropy) {
  if (entropy.size() != kEntropyBytes) {
    std::abort();  // a weaker password than promised must not leave this function
  }
  return Secret(absl::WebSafeBase64Escape(ViewOf(entropy)));
}

}  // namespace jit::credential
