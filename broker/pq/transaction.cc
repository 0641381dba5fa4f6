#include "broker/pq/transaction.h"

namespace jit::pq {

Transaction::Transaction(Connection& connection, absl::Duration deadline)
    : connection_(&connection), deadline_(deadline) {}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), deadline_(other.deadline_) {}

absl::StatusOr<Transaction> Transaction::Begin(Connection& connection, absl::Duration deadline) {
  absl::StatusOr<Result> begun = connection.Run("begin read write", deadline);
  if (!begun.ok()) return begun.status();
  return Transaction(connection, deadline);
}

Transaction::~Transaction() {
  // An open transaction that cannot be rolled back is rolled back by the server when it notices
  // that we are gone; the connection reports itself as dead from here on.
  if (connection_ != nullptr) (void)connection_->Run("rollback", deadline_);
}

absl::Status Transaction::Commit() {
  if (connection_ == nullptr) return absl::InternalError("the transaction has ended already");
  Connection* connection = std::exchange(connection_, nullptr);
  absl::StatusOr<Result> ended = connection->Run("commit", deadline_);
  if (!ended.ok()) return ended.status();
  // A transaction in which something failed answers COMMIT with ROLLBACK, and no error.
  if (ended->tag() != "COMMIT") {
    return absl::AbortedError("the transaction was rolled back: a statement in it had failed");
  }
  return absl::OkStatus();
}

}  // namespace jit::pq
