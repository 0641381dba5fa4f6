// A checkpoint key that a test can name: the same seed gives the same key on every machine.
//
// Never for anything but tests: whoever reads this file has the key.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/ledger/checkpoint.h"

namespace jit::testing {

// PKCS#8 PEM of an Ed25519 key made of 32 times the byte `seed` (RFC 8410 section 7).
std::string PemFromSeed(std::uint8_t seed);

// Stops the process when the ledger does not take the key.
ledger::CheckpointSigner SignerFromSeed(absl::string_view name, std::uint8_t seed);

}  // namespace jit::testing
