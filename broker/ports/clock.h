// Where time comes from. Only the room `host` asks the machine; the simulator asks its own.
#pragma once

#include "absl/time/time.h"

namespace jit::ports {

// An instant on both clocks. Wall time is what people and certificates mean; boot time only ever
// grows, also while the machine sleeps (CLOCK_BOOTTIME), so a deadline is due at the earlier of
// both.
struct Instant {
  absl::Time wall;
  absl::Duration since_boot;
};

// Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() = 0;
};

}  // namespace jit::ports
