// A bounded pool of threads for what may block: the journal's disk, a target's network.
//
// Promises: a callback of gRPC hands its work over here and never waits. The queue is bounded: when
// it is full the caller is told so at once. Safe from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "broker/sync/mutex.h"

namespace jit::rpc {

class Workers {
 public:
  using Work = std::function<void()>;

  Workers(int threads, std::size_t waiting_max);
  ~Workers();  // stops
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Takes the work, to be done once by one of the threads; kUnavailable when `waiting_max` pieces
  // of work wait already or the pool has stopped, and then the work is gone.
  absl::Status Submit(Work work);

  // Waits for the work that has begun, forgets the work that has not. Harmless to repeat.
  void Stop();

 private:
  void Run();
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !stopped_ && queue_.empty(); }

  const std::size_t waiting_max_;
  sync::Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Work> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace jit::rpc
