// A transaction that ends with its scope.
//
// Promises: without Commit it is rolled back, also when the connection is lost. A Commit whose
// answer is lost says so (pq::OutcomeOf is kUnknown): it may have happened. Uses the connection it
// was begun on, which outlives it and does nothing else meanwhile.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/pq/connection.h"

namespace jit::pq {

class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Connection& connection, absl::Duration deadline);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Connection& connection() const { return *connection_; }
  absl::Status Commit();

 private:
  Transaction(Connection& connection, absl::Duration deadline);

  Connection* connection_;  // nullptr once it has ended
  absl::Duration deadline_;
};

}  // namespace jit::pq
