// Chance that a seed replays. Keeps ports/entropy.h; thread-compatible.
#pragma once

#include <cstdint>
#include <random>
#include <span>

#include "broker/ports/entropy.h"

namespace jit::testing {

class SeededEntropy : public ports::Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : engine_(seed) {}

  void Fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
  }
  // A number below `bound`, which is above zero.
  std::uint64_t Below(std::uint64_t bound) { return engine_() % bound; }
  // True once in `n` times.
  bool OnceIn(std::uint64_t n) { return Below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace jit::testing
