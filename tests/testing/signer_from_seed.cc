#include "tests/testing/signer_from_seed.h"

#include <cstdlib>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace jit::testing {

std::string PemFromSeed(std::uint8_t seed) {
  // The fixed part of the DER: a sequence of version 0, the algorithm 1.3.101.112, and an octet
  // string that holds an octet string of 32 bytes.
  std::string der = absl::HexStringToBytes("302e020100300506032b657004220420");
  der.append(32, static_cast<char>(seed));
  return absl::StrCat("-----BEGIN PRIVATE ", "KEY-----\n", absl::Base64Escape(der),
                      "\n-----END PRIVATE ", "KEY-----\n");
}

ledger::CheckpointSigner SignerFromSeed(absl::string_view name, std::uint8_t seed) {
  absl::StatusOr<ledger::CheckpointSigner> signer =
      ledger::CheckpointSigner::Create(name, PemFromSeed(seed));
  if (!signer.ok()) {
    std::abort();
  }
  return *std::move(signer);
}

}  // namespace jit::testing
