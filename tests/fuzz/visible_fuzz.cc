// Whatever bytes come in, what is shown is printable, on one line, and stable under a second look.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "client/console/visible.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string shown = jit::console::Visible(text);
  std::string doubled;
  for (const char byte : shown) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value == 0x7F) std::abort();
    doubled += byte;
    if (byte == '\\') doubled += byte;
  }
  if (jit::console::Visible(shown) != doubled) std::abort();
  absl::string_view rest = shown;
  while (!rest.empty()) {
    const std::size_t taken = jit::console::PrefixWithin(rest, 7);
    if (taken == 0 || taken > rest.size()) std::abort();
    rest.remove_prefix(taken);
  }
  return 0;
}
