// The SCRAM-SHA-256 verifier PostgreSQL stores for a password (RFC 5802, RFC 7677).
//
// Promises: a ScramVerifier is well formed and cannot be logged in with. It is made by the client,
// so the broker never sees the password. Safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/credential/secret.h"

namespace jit::credential {

constexpr int kScramIterations = 4096;  // the least RFC 7677 asks for; enough for random passwords

class ScramVerifier {
 public:
  // Accepts SCRAM-SHA-256$<4096…1000000>:<salt>$<StoredKey>:<ServerKey>, base64 strict, salt of 16
  // to 48 bytes, both keys of 32. Refuses anything else with kVerifierMalformed (the room cannot
  // see refusals: it answers kInvalidArgument and the border gives the reason). Never echoes.
  static absl::StatusOr<ScramVerifier> Parse(absl::string_view text);

  // From a password and 16 bytes of salt. The password is printable ASCII of our own making
  // (kInvalidArgument otherwise), so no SASLprep is needed.
  static absl::StatusOr<ScramVerifier> Make(const Secret& password,
                                            std::span<const std::uint8_t> salt);

  // For binding as a parameter; not for printing.
  const std::string& RevealForTarget() const { return text_; }
  std::string Digest() const;  // SHA-256 hex, for noticing that somebody changed it

 private:
  explicit ScramVerifier(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A password of 256 random bits in 43 characters of [A-Za-z0-9_-], from 32 bytes of entropy.
Secret PasswordFrom(std::span<const std::uint8_t> entropy);

}  // namespace jit::credential
