// The threads that take access away: one per target, and one for what only waits.
//
// Promises: a target that is slow or dead delays no other; the threads and what they need are there
// from the start, so that no flood of calls can starve them. A pass is never more than about a
// second away, and a wake-up brings it now. After a start, after a target was lost and found again,
// and every minute, the whole target is compared. What is wrong is logged once, then at most once a
// minute while it lasts. Safe from any thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "broker/daemon/log.h"
#include "broker/sync/mutex.h"
#include "broker/use_cases/ports.h"
#include "broker/use_cases/sweep.h"

namespace jit::daemon {

// A target as its last pass saw it.
struct TargetView {
  bool reachable = false;
  std::string detail;  // what is wrong, or empty
  absl::Time last_sweep;
  absl::Duration clock_skew;
};

class Sweeper {
 public:
  // All of it outlives the sweeper. The threads start here.
  Sweeper(use_cases::Ports& ports, Log& log, absl::Duration checkpoint_every);
  // Lets every pass that runs finish, then joins.
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  // Something is due on this target now. Cheap; never waits for a target.
  void Wake(const core::TargetName& target);

  // What was wrong with the journal when it was last used here; empty when nothing was.
  std::string JournalFault() const;

  // Nothing for a target that is not ours.
  std::optional<TargetView> ViewOf(const core::TargetName& target) const;

 private:
  struct Lane;  // one target's thread and what it remembers
  // An alarm is repeated while it lasts, but not with every pass.
  class Hush;

  void SweepLane(Lane& lane);
  void SweepOnce(Lane& lane);
  void TendWaiting();
  // Sleeps until `next`, a wake-up (then `awake` is put down again), or the end; answers whether to
  // go on.
  bool SleepUntil(absl::Time next, bool& awake);

  use_cases::Ports& ports_;
  Log& log_;
  const absl::Duration checkpoint_every_;

  mutable sync::Mutex mutex_;
  std::condition_variable_any wake_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::string journal_fault_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::thread waiting_;
};

}  // namespace jit::daemon
