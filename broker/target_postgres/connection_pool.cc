#include "broker/target_postgres/connection_pool.h"

#include <chrono>

#include "broker/pq/sqlstate.h"

namespace jit::target_postgres {

ConnectionPool::Loan::~Loan() {
  if (pool_ != nullptr) pool_->Return(std::move(connection_));
}

absl::StatusOr<ConnectionPool::Loan> ConnectionPool::Borrow(absl::Duration patience) {
  std::unique_ptr<pq::Connection> connection;
  {
    sync::Lock held(mutex_);
    const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return lent_ < size_; };
    if (!returned_.wait_for(mutex_, absl::ToChronoNanoseconds(patience), has_room)) {
      return pq::LostConnection("every connection to the target is busy",
                                pq::Outcome::kDidNotHappen);
    }
    ++lent_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection == nullptr || !connection->IsAlive()) {
    absl::StatusOr<std::unique_ptr<pq::Connection>> dialled = dial_();
    if (!dialled.ok()) {
      Return(nullptr);
      return dialled.status();
    }
    connection = std::move(*dialled);
  }
  return Loan(this, std::move(connection));
}

absl::Status ConnectionPool::KeepOpen(int how_many) {
  std::vector<Loan> loans;
  for (int i = 0; i < how_many; ++i) {
    absl::StatusOr<Loan> loan = Borrow(absl::ZeroDuration());
    if (!loan.ok()) return loan.status();
    loans.push_back(std::move(*loan));
  }
  return absl::OkStatus();
}

void ConnectionPool::Return(std::unique_ptr<pq::Connection> connection) {
  if (connection != nullptr && !connection->IsAlive()) connection.reset();
  {
    sync::Lock held(mutex_);
    --lent_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace jit::target_postgres
