// Where chance comes from. Only the room `host` asks the machine; the simulator replays a seed.
#pragma once

#include <cstdint>
#include <span>

namespace jit::ports {

// Safe from any thread.
class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills `bytes` with bits fit for identifiers and keys. Cannot fail: a machine without entropy
  // stops the process.
  virtual void Fill(std::span<std::uint8_t> bytes) = 0;
};

}  // namespace jit::ports
