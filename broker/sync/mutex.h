// std::mutex with the annotations that let clang prove what it guards.
//
// Promises: nothing beyond std::mutex. The standard library's own carries no annotations, so the
// compiler would refuse ABSL_GUARDED_BY on it, and the packaged absl::Mutex is not instrumented, so
// the thread sanitizer would report races that are none. To wait for something, hold a Lock and
// give the mutex itself to a std::condition_variable_any, in a loop that looks again.
#pragma once

#include <mutex>

#include "absl/base/thread_annotations.h"

namespace jit::sync {

class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // In the standard's spelling, so that its condition variables can wait on one.
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a mutex for as long as it lives.
class ABSL_SCOPED_LOCKABLE Lock {
 public:
  explicit Lock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace jit::sync
