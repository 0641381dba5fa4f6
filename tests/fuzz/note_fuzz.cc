// No text but the ones our key signed is a checkpoint of ours, and no text but a verifier key is
// one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/ledger/checkpoint.h"
#include "tests/ledger/example_key.h"

namespace {

using jit::ledger::CheckpointSigner;
using jit::ledger::CheckpointVerifier;

const CheckpointSigner& Signer() {
  static const auto& signer = *new CheckpointSigner(
      CheckpointSigner::Create("jit-access/demo", jit::ledger::ExampleKeyPem()).value());
  return signer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto opened = Signer().Verifier().Open(text);
  if (opened.ok()) {
    // Only a seed of the corpus gets here: signing what it says again gives the same first lines.
    const auto again = Signer().Sign(opened->body.size, opened->body.root);
    if (text.substr(0, again->note.find("\n\n")) != again->note.substr(0, again->note.find("\n\n")))
      std::abort();
  }
  const auto verifier = CheckpointVerifier::Parse(text);
  if (verifier.ok() && verifier->text() != text) std::abort();
  return 0;
}
