// Any bytes as a length of time: what is accepted is whole, positive, bounded, and is read back
// from the spelling we would give it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/policy_files/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto parsed = jit::policy_files::ParseDuration(
      absl::string_view(reinterpret_cast<const char*>(bytes), size));
  if (!parsed.ok()) {
    return 0;
  }
  const auto again = jit::policy_files::ParseDuration(jit::policy_files::DurationText(*parsed));
  if (*parsed < absl::Seconds(1) || *parsed > absl::Hours(3660 * 24) || !again.ok() ||
      *again != *parsed) {
    std::abort();
  }
  return 0;
}
