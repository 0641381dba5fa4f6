#include "broker/host/system_clock.h"

#include <time.h>

#include <cstdlib>

namespace jit::host {
namespace {

timespec Read(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) {
    std::abort();
  }
  return time;
}

}  // namespace

ports::Instant SystemClock::Now() {
  return {absl::TimeFromTimespec(Read(CLOCK_REALTIME)),
          absl::DurationFromTimespec(Read(CLOCK_BOOTTIME))};
}

}  // namespace jit::host
