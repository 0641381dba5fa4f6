// One run of a change, from BEGIN to its end, over a connection that is logged in already.
//
// Promises: as ports/bench.h has it: what it reports happened, and how it ended is certain unless
// COMMIT was sent and not answered. Everything runs in one transaction, except a script that
// cannot. One thread, one run.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/ports/bench.h"
#include "broker/ports/clock.h"
#include "broker/pq/connection.h"
#include "broker/target_postgres/keeping.h"
#include "broker/target_postgres/object_list.h"
#include "broker/target_postgres/run_session.h"
#include "broker/target_postgres/run_tally.h"

namespace jit::target_postgres {

class Running {
 public:
  // Everything outlives it.
  Running(pq::Connection& connection, const ports::RunOrder& order, ports::RunWatcher& watcher,
          ports::Clock& clock, RunTally::SeenOutside seen_outside)
      : order_(order),
        watcher_(watcher),
        session_(connection, watcher, clock, order.run_max, order.owner),
        tally_(session_, std::move(seen_outside)) {}

  absl::StatusOr<ports::RunOutcome> Run();

 private:
  absl::Status Begin();
  absl::Status Work();
  absl::Status RunStatements();
  absl::Status RunStatement(const sql::Statement& statement, change::StatementReport& report);
  std::optional<std::int64_t> PlanCost(const sql::Statement& statement);
  absl::Status Undo();
  absl::Status DropForGood();
  absl::Status RefuseUnguarded() const;
  absl::Status Finish();
  absl::Status TakeSamples();
  void TellWhatStays();
  absl::Status TellWhatUndoMayRefuse();
  absl::StatusOr<ports::RunOutcome> Commit();
  absl::StatusOr<ports::RunOutcome> RunUnrehearsed();
  absl::Status BeginUnrehearsed();
  ports::RunOutcome RolledBack(const absl::Status& why);
  void Progress(std::size_t statement);

  const ports::RunOrder& order_;
  ports::RunWatcher& watcher_;
  RunSession session_;
  RunTally tally_;
  ObjectList before_;
  std::optional<Keeping> keeping_;  // from Begin on
  ports::RunOutcome outcome_;
};

}  // namespace jit::target_postgres
