#include "broker/rpc/workers.h"

#include <utility>

namespace jit::rpc {

Workers::Workers(int threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

Workers::~Workers() {
  Stop();
}

absl::Status Workers::Submit(Work work) {
  {
    const sync::Lock lock(mutex_);
    if (stopped_) {
      return absl::UnavailableError("the broker is stopping");
    }
    if (queue_.size() >= waiting_max_) {
      return absl::UnavailableError("the broker is busy");
    }
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void Workers::Stop() {
  std::deque<Work> forgotten;  // let go of without the lock: its owners may have things to say
  {
    const sync::Lock lock(mutex_);
    stopped_ = true;
    forgotten.swap(queue_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void Workers::Run() {
  for (;;) {
    Work work;
    {
      const sync::Lock lock(mutex_);
      while (Idle()) {
        changed_.wait(mutex_);
      }
      if (stopped_) {
        return;
      }
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace jit::rpc
