// A PostgreSQL cluster of one test's own: made, started, broken and thrown away by the test.
//
// Promises: own folder, free port, loopback and unix socket only; never runs as root (as root it
// becomes the account `postgres`, or `nobody`); every role except the superuser `postgres` on the
// socket must bring a SCRAM password; the server ends with this object, and also when the thread
// that started it dies. Knows nothing of the kit. Thread-compatible.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::testing {

class PrivatePostgres {
 public:
  // Off for tests that ask about behaviour, on for those that ask about durability or speed.
  enum class Durability { kOff, kOn };
  // kFast ends sessions and checkpoints; kImmediate is a crash.
  enum class StopMode { kFast, kImmediate };

  struct Options {
    Durability durability = Durability::kOff;
    std::map<std::string, std::string> settings;  // postgresql.conf, e.g. max_connections
    std::vector<std::string> hba_first;           // pg_hba.conf lines put before ours
  };

  // Makes and starts a cluster; about half a second. kNotFound when PostgreSQL is not installed.
  static absl::StatusOr<std::unique_ptr<PrivatePostgres>> Start(const Options& options);
  static absl::StatusOr<std::unique_ptr<PrivatePostgres>> Start() { return Start(Options{}); }

  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;
  ~PrivatePostgres();

  // Connection strings. The superuser comes over the socket without a password; anybody else over
  // loopback with theirs.
  std::string SuperuserConninfo(absl::string_view database = "postgres") const;
  std::string ConninfoFor(absl::string_view user, absl::string_view password,
                          absl::string_view database) const;
  const std::string& socket_folder() const { return folder_; }
  const std::string& folder() const { return folder_; }
  int port() const { return port_; }

  // A new database, a copy of `from`; nobody may be connected to that one. Answers its name.
  absl::StatusOr<std::string> FreshDatabase(absl::string_view from = "template0");

  // Runs SQL as the superuser through psql and answers its unaligned, tuples-only output. The error
  // carries what psql said.
  absl::StatusOr<std::string> Psql(absl::string_view database, absl::string_view sql) const;

  // The server as a patient. Resume() starts it again on the same port and folder.
  absl::Status Stop(StopMode mode = StopMode::kFast);
  absl::Status Resume();
  absl::Status Restart();
  bool running() const { return server_ > 0; }

  // A copy of this cluster's files with another port, started: a restored backup. Both have the
  // same system identifier. This server is stopped for the copy and started again.
  absl::StatusOr<std::unique_ptr<PrivatePostgres>> Clone();

  // Everything the server has written to its log so far.
  std::string ServerLog() const;

 private:
  PrivatePostgres() = default;
  absl::Status Launch();
  absl::Status WaitUntilReady();

  std::string folder_;  // the socket, the log, and the cluster in folder_/cluster
  int port_ = 0;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace jit::testing
