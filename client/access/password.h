// A password made here, and the verifier that is all the broker ever sees of it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/credential/secret.h"
#include "client/console/console.h"

namespace jit::access {

struct NewPassword {
  credential::Secret password;  // 256 random bits, 43 printable characters
  std::string scram_verifier;   // with a salt of 128 random bits
};

// From the console's entropy. An error is a bug, not bad luck.
absl::StatusOr<NewPassword> MakePassword(console::Console& console);

}  // namespace jit::access
