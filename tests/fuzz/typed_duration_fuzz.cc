// Whatever is typed as a time is refused in words, or is a time that is written back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "client/console/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const absl::StatusOr<absl::Duration> parsed = jit::console::ParseDuration(text);
  if (!parsed.ok()) {
    if (parsed.status().message().empty()) std::abort();
    return 0;
  }
  if (*parsed <= absl::ZeroDuration() || *parsed > absl::Hours(24 * 3650)) std::abort();
  const absl::StatusOr<absl::Duration> again =
      jit::console::ParseDuration(jit::console::ExactDuration(*parsed));
  if (!again.ok() || *again != *parsed) std::abort();
  return 0;
}
