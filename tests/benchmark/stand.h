// What is measured, set up for real: a PostgreSQL with durable commits, a journal on disk, the
// broker as a process of its own, clients over mTLS, and the kit's own function called directly.
//
// Promises: everything is on loopback, in one temporary folder, and gone with the object. Not
// thread-safe; the brokers and connections it hands out are each for one thread.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/pq/connection.h"
#include "client/channel/broker.h"
#include "tests/testing/private_postgres.h"

namespace jit::benchmark {

class Stand {
 public:
  // Starts everything: about three seconds.
  static absl::StatusOr<std::unique_ptr<Stand>> Start(const std::string& programs);
  ~Stand();
  Stand(const Stand&) = delete;
  Stand& operator=(const Stand&) = delete;

  // A client of one identity (`engineer`, `oncall`, `manager` …).
  absl::StatusOr<std::unique_ptr<channel::Broker>> Client(const std::string& identity);
  // A connection that may call the kit directly.
  absl::StatusOr<std::unique_ptr<pq::Connection>> Direct();

  absl::Status StartBroker();
  // kill -9, so that nothing is tidied up.
  void KillBroker();
  pid_t broker_pid() const { return broker_; }
  std::string journal_path() const { return folder_ + "/house/journal.db"; }
  const std::string& folder() const { return folder_; }
  testing::PrivatePostgres& cluster() { return *cluster_; }

 private:
  Stand() = default;
  std::string folder_;
  std::string programs_;
  std::unique_ptr<testing::PrivatePostgres> cluster_;
  console::Console console_;
  pid_t broker_ = 0;
  int port_ = 0;
};

}  // namespace jit::benchmark
