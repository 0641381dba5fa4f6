// The kernel's random bits, for ports/entropy.h.
//
// Promises: every byte comes from getrandom(2) without flags, which waits until the kernel's pool
// has been seeded and then never blocks. Stops the process when the kernel refuses. Safe from any
// thread.
#pragma once

#include "broker/ports/entropy.h"

namespace jit::host {

class SystemEntropy : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace jit::host
