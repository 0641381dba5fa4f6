// One time for every decision, and deadlines that no clock can move.
//
// Promises: a lease is due at the earlier of two instants: its deadline on the wall clock, and the
// same span counted on the boot clock since the broker first saw it open. A wall clock set back
// extends nothing; one set forward ends leases early. A jump of one clock against the other by more
// than a minute unsettles time for a minute, and so does a wall clock that stands before the
// journal's last event: no lease opens meanwhile. Does not know which clock is right. Safe from any
// thread.
#pragma once

#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/ports/clock.h"
#include "broker/sync/mutex.h"

namespace jit::use_cases {

class Timekeeper {
 public:
  // `not_before`: the time of the journal's last event (InfinitePast for an empty journal).
  Timekeeper(ports::Clock& clock, absl::Time not_before);

  // The wall clock; while it stands before `not_before`, that time and what has passed since.
  absl::Time Now();
  bool Settled();
  // The last jump seen: how far the wall clock moved against the boot clock; zero: none.
  absl::Duration LastJump();

  // Counts the rest of a lease's time on the boot clock from now on. The first call for a lease
  // decides; repeats are harmless.
  void Watch(const core::LeaseId& lease, absl::Time expire_time);
  void Forget(const core::LeaseId& lease);
  // How long until the next watched lease will be over on the boot clock. Those that are over
  // already do not count. InfiniteDuration when there is no other.
  absl::Duration UntilNextDeadline();
  // Watched leases whose span is over on the boot clock.
  std::vector<core::LeaseId> OverdueByBootClock();

 private:
  ports::Instant Look() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ports::Clock& clock_;
  const absl::Time not_before_;
  const ports::Instant start_;
  sync::Mutex mutex_;
  absl::Duration offset_ ABSL_GUARDED_BY(mutex_);      // wall minus boot, as last accepted
  absl::Duration settled_at_ ABSL_GUARDED_BY(mutex_);  // on the boot clock
  absl::Duration last_jump_ ABSL_GUARDED_BY(mutex_);
  std::map<core::LeaseId, absl::Duration> boot_deadlines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jit::use_cases
