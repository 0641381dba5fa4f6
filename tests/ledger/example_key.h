// Checkpoint keys for tests: the same seed gives the same key, so that notes can be golden.
//
// Promises: PKCS#8 PEM as CheckpointSigner::Create reads it. Not secret, never used outside tests.
#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace jit::ledger {

// RFC 8410 section 7: the fixed head of a PKCS#8 Ed25519 key, then its 32 bytes of seed.
inline std::string Ed25519Pem(absl::string_view seed) {
  const std::string head = absl::HexStringToBytes("302e020100300506032b657004220420");
  return absl::StrCat("-----BEGIN PRIVATE KEY-----\n", absl::Base64Escape(absl::StrCat(head, seed)),
                      "\n-----END PRIVATE KEY-----\n");
}

inline std::string ExampleKeyPem() {
  return Ed25519Pem(std::string(32, '\x07'));
}

}  // namespace jit::ledger
