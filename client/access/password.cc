#include "client/access/password.h"

#include <array>
#include <cstdint>
#include <utility>

#include "broker/credential/scram_verifier.h"

namespace jit::access {

absl::StatusOr<NewPassword> MakePassword(console::Console& console) {
  std::array<std::uint8_t, 32> entropy{};
  std::array<std::uint8_t, 16> salt{};
  console.entropy(entropy);
  console.entropy(salt);
  credential::Secret password = credential::PasswordFrom(entropy);
  entropy.fill(0);
  const auto verifier = credential::ScramVerifier::Make(password, salt);
  if (!verifier.ok()) return verifier.status();
  return NewPassword{std::move(password), verifier->RevealForTarget()};
}

}  // namespace jit::access
