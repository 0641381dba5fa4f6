// One connection to a PostgreSQL server, which may be slow, lying or dead.
//
// Promises: nothing the database or role is configured with changes what our statements mean
// (settings pinned at start-up beat those of databases and roles); every call ends by its deadline,
// also when the other side says nothing; no error repeats a bound value; notices go nowhere. A call
// that fails with pq::OutcomeOf(status) == kUnknown may have taken effect. One thread at a time;
// Send on one connection and Run on another is how one thread does two things.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/pq/parameters.h"
#include "broker/pq/result.h"

struct pg_conn;

namespace jit::pq {

// Settings pinned for the life of a connection.
struct StartUp {
  std::string application_name = "jit-broker";
  absl::Duration connect_timeout = absl::Seconds(5);  // from first packet to ready
  // Enforced by the server, so that it stops even when we are gone.
  absl::Duration statement_timeout = absl::Seconds(10);
  absl::Duration lock_timeout = absl::Seconds(2);
  absl::Duration idle_in_transaction_timeout = absl::Seconds(30);
  // kAsConfigured: names mean what they mean to any login of this database, as a script expects.
  enum class Search { kCatalogOnly, kAsConfigured } search = Search::kCatalogOnly;
};

class Connection {
 public:
  // `conninfo` is libpq's keyword string or URI. Errors never repeat a password.
  // kUnavailable: nobody answers or the server has no room for us; kUnauthenticated: a password is
  // missing, or was given and the server did not let us in; kInvalidArgument: conninfo is malformed
  // or brings start-up options of its own.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& conninfo,
                                                          const StartUp& start_up);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // One statement, values bound, in a transaction of its own unless one is open. Give a deadline
  // above the server's own statement_timeout: when it passes, the way to the server is broken, the
  // connection is given up and the outcome is unknown (kDeadlineExceeded).
  absl::StatusOr<Result> Run(absl::string_view sql, const Parameters& parameters,
                             absl::Duration deadline);
  absl::StatusOr<Result> Run(absl::string_view sql, absl::Duration deadline) {
    return Run(sql, Parameters(), deadline);
  }
  // Several statements without values or rows, as a script has them.
  absl::Status RunScript(const std::string& sql, absl::Duration deadline);

  // Run in two halves: Send starts it, Collect waits for its end. Ready tells within `patience`
  // whether Collect would answer at once. Nothing else may be run in between.
  // kDropped: the rows are thrown away as they come, and only the tag is answered.
  enum class Rows { kKept, kDropped };
  absl::Status Send(absl::string_view sql, const Parameters& parameters, Rows rows = Rows::kKept);
  // The same for a statement of an open transaction that is only tried: whatever it does is taken
  // back, and the transaction goes on as it was, also when the statement fails. One way there and
  // one back. Collect answers what the statement answered.
  absl::Status SendTrial(absl::string_view sql);
  enum class Progress { kReady, kWorking };
  Progress Ready(absl::Duration patience);
  absl::StatusOr<Result> Collect(absl::Duration deadline);
  // Asks the server to stop what was sent; whether it did is what Collect answers. Reaches the
  // server over a connection of its own and waits for it as long as the network does.
  absl::Status Cancel();

  // What the server added to its last error. A DETAIL may show values of rows, so it is for those
  // only who wrote the statement.
  struct Remarks {
    std::string detail;
    std::string hint;
  };
  const Remarks& remarks() const { return remarks_; }

  // Whether it can still be used. Looks at the socket, so that a server that has gone away while
  // nothing was asked is noticed before something is.
  bool IsAlive();

  int server_version() const;  // 150020
  // The backend the server said it gave us; a pooler gives another one.
  int announced_pid() const;
  // Where it is connected to, for the people who will connect there too.
  std::string host() const;
  std::string port() const;
  std::string database() const;
  std::string user() const;

 private:
  class Countdown;
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  explicit Connection(pg_conn* connection);

  absl::Status FinishConnecting(absl::Duration timeout);
  std::string TrustedFarewell() const;
  enum class Woken { kSocket, kTimeout, kBroken };
  Woken Wait(Countdown& countdown, int events);
  absl::Status Flush(Countdown& countdown);
  absl::StatusOr<Result> CollectUntil(Countdown& countdown);
  bool QueueTrial(absl::string_view sql);
  Woken AwaitTrial(Countdown& countdown);
  absl::StatusOr<Result> CollectTrialUntil(Countdown& countdown);
  absl::Status StatusOf(const pg_result* result);
  absl::Status Lost(absl::string_view what);
  std::string Mask(std::string message) const;

  std::unique_ptr<pg_conn, Closer> connection_;
  struct Freer {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Freer> early_;  // what Ready came across
  struct Trial;
  std::unique_ptr<Trial> trial_;          // between its savepoint and the way back
  std::vector<std::string> bound_texts_;  // of the statement that is running
  Rows rows_ = Rows::kKept;               // likewise
  Remarks remarks_;
};

}  // namespace jit::pq
