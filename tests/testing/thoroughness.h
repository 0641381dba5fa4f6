// How much a test does, as the environment says: more for a night, less under a sanitizer.
//
// Knows no test. The variables are told in docs/developer.md. Thread-safe as long as nobody changes
// the environment.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace jit::testing {

// The number in the variable `name`; `otherwise` when it is not set or not a number.
inline std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  std::uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

// The stride of tests that try every one of something, a bit of a file or a call of a story: 1,
// and all of them are tried, unless JIT_EVERY says more.
inline std::uint64_t EveryNth() {
  const std::uint64_t nth = FromEnvironment("JIT_EVERY", 1);
  return nth == 0 ? 1 : nth;
}

}  // namespace jit::testing
