#include "broker/host/system_entropy.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace jit::host {

void SystemEntropy::Fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno != EINTR) {
      std::abort();
    }
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  }
}

}  // namespace jit::host
