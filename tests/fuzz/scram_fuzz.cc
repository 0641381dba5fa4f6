// A verifier that is accepted is kept to the byte; anything else is refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/credential/scram_verifier.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto verifier = jit::credential::ScramVerifier::Parse(text);
  if (verifier.ok() && verifier->RevealForTarget() != text) std::abort();
  // What the target's SQL must never see in it.
  if (verifier.ok() && text.find_first_of("'\\\n\r\t \0") != absl::string_view::npos) std::abort();
  return 0;
}
