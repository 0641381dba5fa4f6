// The connection a change runs over: logged in as a login of its own, which may work as another
// role.
//
// Promises: a statement of the script can be stopped at any moment and never outlives its limit by
// more than the server takes to notice; questions of ours are asked as the login itself. Answers
// nothing that a script could have bent: what has to be known is asked of the kit. One thread.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/ports/bench.h"
#include "broker/ports/clock.h"
#include "broker/pq/connection.h"

namespace jit::target_postgres {

class RunSession {
 public:
  // Everything outlives it. `owner`: whom statements of the script work as.
  RunSession(pq::Connection& connection, ports::RunWatcher& watcher, ports::Clock& clock,
             absl::Duration run_max, std::optional<core::PgGroup> owner)
      : connection_(connection),
        watcher_(watcher),
        clock_(clock),
        run_max_(run_max),
        owner_(std::move(owner)),
        start_(Now()) {}

  // A statement of the script, as the owner when there is one; its rows are dropped.
  absl::StatusOr<pq::Result> Execute(absl::string_view sql);
  // Runs it and takes it back: its answer, or why it failed, and nothing has changed.
  absl::StatusOr<pq::Result> Try(absl::string_view sql);
  // A question of ours, as the login itself. Can be stopped as well: some of them do work.
  absl::StatusOr<pq::Result> Ask(absl::string_view sql, const pq::Parameters& parameters);
  absl::StatusOr<pq::Result> Ask(absl::string_view sql) { return Ask(sql, pq::Parameters()); }

  // Whether the run may go on: nobody has cancelled it, and it has time left.
  absl::Status MayGoOn();

  // From here on roles are changed for a transaction, or for the session outside of any.
  enum class Scope { kTransaction, kSession };
  void ScopeIs(Scope scope);

  absl::Duration Now() const { return clock_.Now().since_boot; }
  absl::Duration Elapsed() const { return Now() - start_; }
  pq::Connection& connection() { return connection_; }
  const std::optional<core::PgGroup>& owner() const { return owner_; }
  // What the server added to its last error, as the end of a sentence.
  std::string Remarks() const;

 private:
  enum class Acting { kUnknown, kSelf, kOwner };
  absl::Status Become(Acting acting);
  absl::StatusOr<pq::Result> RunStoppably(absl::string_view sql, const pq::Parameters& parameters,
                                          pq::Connection::Rows rows);
  absl::StatusOr<pq::Result> CollectStoppably();

  pq::Connection& connection_;
  ports::RunWatcher& watcher_;
  ports::Clock& clock_;
  const absl::Duration run_max_;
  const std::optional<core::PgGroup> owner_;
  const absl::Duration start_;
  Scope scope_ = Scope::kTransaction;
  Acting acting_ = Acting::kSelf;
  absl::Status stopped_;  // once it was stopped it stays so
};

}  // namespace jit::target_postgres
