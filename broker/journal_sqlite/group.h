// A queue in which threads that want the same slow thing at the same time share one doing of it.
//
// Promises: whoever stands first does it for everybody who waited meanwhile, up to a limit, while
// newcomers line up behind; nobody waits for a thread that is not already at work. That is how
// concurrent appends share one flush of the disk without a thread of their own. Safe from any
// thread. The idea is leveldb's writer queue.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "broker/sync/mutex.h"

namespace jit::journal_sqlite {

template <class Job>
class Group {
 public:
  explicit Group(std::size_t most) : most_(most) {}

  // Returns when `together`, called here or in another thread, has done `job`. It is called with
  // jobs in the order of their coming, never twice at a time, and must set what the job answers.
  template <class Together>
  void Do(Job& job, const Together& together) {
    Place place{&job, false, {}};
    std::vector<Place*> first;
    {
      const sync::Lock lock(mutex_);
      queue_.push_back(&place);
      while (!place.done && queue_.front() != &place) {
        place.turn.wait(mutex_);
      }
      if (place.done) {
        return;
      }
      first.assign(queue_.begin(),
                   queue_.begin() + static_cast<std::ptrdiff_t>(std::min(most_, queue_.size())));
    }
    std::vector<Job*> jobs;
    for (Place* one : first) {
      jobs.push_back(one->job);
    }
    together(jobs);
    const sync::Lock lock(mutex_);
    for (Place* one : first) {
      queue_.pop_front();
      one->done = true;
      one->turn.notify_one();
    }
    if (!queue_.empty()) {
      queue_.front()->turn.notify_one();
    }
  }

 private:
  struct Place {
    Job* job;
    bool done;
    std::condition_variable_any turn;
  };

  const std::size_t most_;
  sync::Mutex mutex_;
  std::deque<Place*> queue_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jit::journal_sqlite
