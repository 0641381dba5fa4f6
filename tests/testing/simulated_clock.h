// A clock that stands still until a test moves it.
//
// Keeps ports/clock.h. Wall and boot clock can be moved apart, as machines do to each other. Not
// thread-safe: one test, one thread.
#pragma once

#include "absl/time/time.h"
#include "broker/ports/clock.h"

namespace jit::testing {

class SimulatedClock : public ports::Clock {
 public:
  explicit SimulatedClock(absl::Time wall = absl::FromUnixSeconds(1'790'000'000)) : wall_(wall) {}

  ports::Instant Now() override { return {wall_, since_boot_}; }

  // Time passes on both clocks.
  void Advance(absl::Duration span) {
    wall_ += span;
    since_boot_ += span;
  }
  // Somebody sets the wall clock; the boot clock does not notice.
  void SetWallBy(absl::Duration jump) { wall_ += jump; }
  // The machine starts anew: the boot clock begins again.
  void Reboot() { since_boot_ = absl::Seconds(10); }

 private:
  absl::Time wall_;
  absl::Duration since_boot_ = absl::Hours(5);
};

}  // namespace jit::testing
