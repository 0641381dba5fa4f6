// Where a change runs: one target, one transaction, as a login made for it.
//
// Promises: what it reports happened; a rehearsal leaves nothing that a rollback takes away; an
// execution commits at most once per change, whatever dies. Knows nothing of reviews. Safe from any
// thread; a run blocks its thread until it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/change/change.h"
#include "broker/core/change/report.h"
#include "broker/core/names.h"
#include "broker/credential/secret.h"
#include "broker/sql/script.h"

namespace jit::ports {

enum class RunEnd { kRollBack, kCommit };

// What has to be on the target before the login of a run is opened.
struct Preparation {
  core::LoginName login;
  core::ChangeId change;
  RunEnd end = RunEnd::kRollBack;
  std::vector<core::PgGroup> member_of;
  std::optional<core::PgGroup> owner;
  std::int64_t rows_max = 0;
  absl::Time valid_until;
  // An undo: the login whose rows are put back. A drop for good: the change whose kept things go.
  std::optional<core::LoginName> undo_of;
  std::optional<core::ChangeId> drop_of;
  std::optional<absl::Time> since;
  std::vector<std::string> tables;
  change::OnConflict on_conflict = change::OnConflict::kRefuse;
};

struct RunOrder {
  core::LoginName login;
  credential::Secret password;
  core::ChangeId change;
  RunEnd end = RunEnd::kRollBack;
  policy::Purpose purpose = policy::Purpose::kScript;
  std::optional<core::PgGroup> owner;      // DDL: SET ROLE to it
  std::vector<sql::Statement> statements;  // of a script
  absl::Duration statement_timeout;
  absl::Duration lock_timeout;
  absl::Duration run_max;
  int samples = 0;
  std::set<std::string> masked;
};

struct RunProgress {
  int statement = 0;  // the one that runs, from 1
  int statements = 0;
  std::int64_t rows = 0;  // changed so far
};

// What a run asks and tells while it goes on, in the run's own thread.
class RunWatcher {
 public:
  virtual ~RunWatcher() = default;
  virtual void Progress(const RunProgress& progress) = 0;
  virtual bool Cancelled() = 0;
  // Just before COMMIT, with everything that was done. An error rolls back, and is the `why`.
  virtual absl::Status MayCommit(const change::Report& report,
                                 const std::string& schema_fingerprint) = 0;
};

struct RunOutcome {
  RunEnd end = RunEnd::kRollBack;  // how it ended for certain
  // OK: as ordered; else what made it roll back. With kCommit it is only set for a script that
  // cannot run in a transaction: the statement that failed; those before it stay.
  absl::Status why;
  change::Report report;           // as far as it came; without the findings of the statements
  std::string schema_fingerprint;  // before the first statement
  std::string system_identifier;
};

enum class ExecutionState { kAbsent, kCommitted };

struct RowChange {  // one statement's effect on one table
  std::int64_t sequence = 0;
  absl::Time time;
  std::string schema;
  std::string table;
  change::Sample::Verb verb = change::Sample::Verb::kUpdated;
  std::int64_t rows = 0;
  std::string cause;  // statement, cascade, trigger
  std::string query;  // free text of the holder
};

// One thing that was kept instead of destroyed.
struct Kept {
  std::string what;  // one sentence
  absl::Time time;
  std::int64_t bytes = 0;
  std::string touched;  // whether anything touched it since, one sentence
};

class Bench {
 public:
  virtual ~Bench() = default;

  // Guards the tables and leaves the permits; harmless to repeat. What cannot be guarded is left
  // alone: a run that changes it says so, and commits nothing. kUnavailable when a table stays
  // locked.
  virtual absl::Status Prepare(const Preparation& preparation) = 0;

  // Logs in and runs. An outcome is certain. A fault before COMMIT was sent is a rollback with its
  // reason in `why`; kUnknown: COMMIT was sent and nobody knows, to be resolved with Look once the
  // login is off.
  virtual absl::StatusOr<RunOutcome> Run(const RunOrder& order, RunWatcher& watcher) = 0;

  // Whether the change was committed. Certain only when no login of it can run any more.
  virtual absl::StatusOr<ExecutionState> Look(const core::ChangeId& change) = 0;

  virtual absl::StatusOr<std::string> SchemaFingerprint() = 0;

  // What a login did, oldest first, after `after`; at most `limit`.
  virtual absl::StatusOr<std::vector<RowChange>> RowChanges(const core::LoginName& login,
                                                            std::int64_t after, int limit) = 0;
  virtual absl::StatusOr<std::vector<change::Sample>> RowsOf(
      const core::LoginName& login, std::int64_t sequence, int limit,
      const std::set<std::string>& masked) = 0;
  virtual absl::StatusOr<std::vector<Kept>> KeptBy(const core::ChangeId& change) = 0;
  // Removes images older than this; answers how many changes lost theirs.
  virtual absl::StatusOr<std::int64_t> ForgetImages(absl::Time before) = 0;
};

}  // namespace jit::ports
