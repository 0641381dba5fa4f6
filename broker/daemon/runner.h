// The threads that rehearse and execute changes: a few per target, and one for what changes need
// when nobody asks.
//
// Promises: a change is run once at a time, and only because it was handed over; how far it is can
// be asked for while it runs. A target that is slow or dead delays no other, and no run delays
// anybody who opens or ends a lease. What a process that died left behind is found out soon after
// the start. Safe from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/daemon/log.h"
#include "broker/ports/bench.h"
#include "broker/sync/mutex.h"
#include "broker/use_cases/ports.h"

namespace jit::daemon {

// How far a change is that is run here, or waits for it.
struct RunState {
  enum class Phase { kWaiting, kRehearsal, kExecution } phase = Phase::kWaiting;
  enum class Wish { kGoOn, kStop } wish = Wish::kGoOn;
  ports::RunProgress progress;
  absl::Time since;       // when it was handed over
  std::int64_t tick = 0;  // grows whenever anything else here changes
};

class Runner {
 public:
  // A run is over: its login is there to be taken away. Never waits.
  using Over = std::function<void(const core::TargetName&)>;

  // All of it outlives the runner. The threads start here.
  Runner(use_cases::Ports& ports, Log& log, Over over);
  ~Runner();  // stops
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // kUnavailable when as many wait for this target as may, or when it is stopping.
  absl::Status Room(const core::TargetName& target) const;
  // Has it rehearsed or executed, whichever it owes, as soon as a thread of the target is free. One
  // that runs or waits already is not run twice. Whoever found room is taken.
  void Run(const core::TargetName& target, const core::ChangeId& change);
  // The run rolls back as soon as it can. Harmless when nothing runs.
  void Cancel(const core::ChangeId& change);
  // Nothing when it neither runs nor waits here.
  std::optional<RunState> StateOf(const core::ChangeId& change) const;

  // Has every run stop; returns at once. What only waits is forgotten, and found by the tending of
  // the next start.
  void BeginStop();
  // The same, and waits for the runs to have stopped. Harmless to repeat.
  void Stop();

 private:
  struct Lane;  // one target's threads and what waits for them
  class Watch;  // what a run tells and asks

  void Work(Lane& lane);
  void RunOne(const Lane& lane, const core::ChangeId& change);
  void Tend();
  Lane* LaneOf(const core::TargetName& target) const;

  use_cases::Ports& ports_;
  Log& log_;
  const Over over_;

  mutable sync::Mutex mutex_;
  std::condition_variable_any changed_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool tend_now_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<core::ChangeId, RunState> runs_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::thread tending_;
};

}  // namespace jit::daemon
