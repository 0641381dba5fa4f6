// The machine's clocks, for ports/clock.h.
//
// Promises: wall time is CLOCK_REALTIME; since_boot is CLOCK_BOOTTIME, which also grows while the
// machine sleeps (clock_gettime(2)). Stops the process when the kernel has no such clock. Safe from
// any thread.
#pragma once

#include "broker/ports/clock.h"

namespace jit::host {

class SystemClock : public ports::Clock {
 public:
  ports::Instant Now() override;
};

}  // namespace jit::host
