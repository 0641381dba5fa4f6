// Connections to one target for one purpose, each of which has proved that it leads to the right
// cluster and finds a kit it can use.
//
// Promises: at most `size` connections; one that died while idle is replaced before it is handed
// out; a dead target costs its caller one connect timeout. Safe from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/pq/connection.h"
#include "broker/sync/mutex.h"

namespace jit::target_postgres {

class ConnectionPool {
 public:
  // Opens one more connection and makes sure that it may be used. Called without any lock held.
  using Dial = std::function<absl::StatusOr<std::unique_ptr<pq::Connection>>()>;

  // A connection on loan; goes back with the end of its scope, or is closed if it is not idle and
  // sound any more. Ends before the pool does.
  class Loan {
   public:
    Loan(Loan&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    pq::Connection& operator*() const { return *connection_; }
    pq::Connection* operator->() const { return connection_.get(); }

   private:
    friend class ConnectionPool;
    Loan(ConnectionPool* pool, std::unique_ptr<pq::Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ConnectionPool* pool_;
    std::unique_ptr<pq::Connection> connection_;
  };

  ConnectionPool(int size, Dial dial) : size_(size), dial_(std::move(dial)) {}

  // kUnavailable when none is free within `patience`; otherwise what Dial answers.
  absl::StatusOr<Loan> Borrow(absl::Duration patience);

  // Sees to it that so many are open and idle, so that they are there when a target has no room for
  // new ones. Answers the first failure.
  absl::Status KeepOpen(int how_many);

 private:
  void Return(std::unique_ptr<pq::Connection> connection);

  const int size_;
  const Dial dial_;
  sync::Mutex mutex_;
  std::condition_variable_any returned_;
  std::vector<std::unique_ptr<pq::Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  int lent_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace jit::target_postgres
