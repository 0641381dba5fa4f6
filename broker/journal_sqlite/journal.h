// The journal that is shipped: ports/journal.h on one SQLite file.
//
// Promises: a Commit that answered OK has been flushed to the disk; concurrent ones share a flush;
// nothing is folded at start, whatever the file holds. Reads go on when writes no longer can. One
// process per file. Safe from any thread.
//
// Does not promise anything about a file that somebody else writes to, and is no good on a network
// file system, where locks and flushes may be pretended.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "broker/journal_sqlite/database.h"
#include "broker/journal_sqlite/group.h"
#include "broker/journal_sqlite/record_rows.h"
#include "broker/ledger/checkpoint.h"
#include "broker/ledger/merkle.h"
#include "broker/ports/journal.h"
#include "broker/sync/mutex.h"

namespace jit::journal_sqlite {

struct Options {
  std::string path;      // made when it is not there, mode 0600; its folder must be
  std::string vfs;       // the SQLite file layer by name; empty: the system's
  int log_pages = 1000;  // how long the log beside the file may grow before it is moved into it
};

class SqliteJournal : public ports::Journal {
 public:
  // Opens the file and compares the ends of what is in it: the last record, the frontier, the last
  // checkpoint and the key it was signed with. Does not read the records in between; Checkpoint
  // does. Errors are sentences for an operator: kNotFound (no such folder), kFailedPrecondition
  // (another broker has it; no journal; a newer schema; signed with another key), kUnavailable,
  // kDataLoss (damaged, or records are missing).
  static absl::StatusOr<std::unique_ptr<SqliteJournal>> Open(const Options& options,
                                                             ledger::CheckpointSigner signer);
  ~SqliteJournal() override = default;

  // After a flush that the disk did not confirm, or after reading back something that was not
  // written, this answers the same error until the process starts anew.
  absl::StatusOr<std::int64_t> Commit(const ports::Append& append) override;
  absl::StatusOr<std::vector<ledger::Record>> Load(const std::string& stream) override;
  absl::StatusOr<std::int64_t> VersionOf(const std::string& stream) override;
  absl::StatusOr<std::optional<ports::Answer>> FindAnswer(const std::string& key) override;
  absl::StatusOr<std::optional<ports::LeaseSummary>> Summary(const core::LeaseId& id) override;
  absl::StatusOr<std::vector<ports::LeaseSummary>> Summaries(
      const ports::SummaryFilter& filter) override;
  absl::StatusOr<std::int64_t> CountWaiting(const core::PersonId& person) override;
  absl::StatusOr<std::optional<ports::ChangeSummary>> SummaryOfChange(
      const core::ChangeId& id) override;
  absl::StatusOr<std::vector<ports::ChangeSummary>> ChangeSummaries(
      const ports::ChangeFilter& filter) override;
  absl::StatusOr<std::int64_t> CountWaitingChanges(const core::PersonId& person) override;
  absl::StatusOr<ledger::SignedCheckpoint> Checkpoint() override;
  absl::StatusOr<std::optional<ledger::SignedCheckpoint>> LastCheckpoint() override;
  absl::Status Export(std::int64_t from,
                      const std::function<absl::Status(const ledger::Record&)>& each) override;
  std::int64_t Size() override;

 private:
  struct Pending {
    const ports::Append* append;
    absl::StatusOr<std::int64_t> result = absl::UnknownError("not done");
  };

  SqliteJournal(std::unique_ptr<Database> database, ledger::CheckpointSigner signer,
                const ledger::Frontier& tree, int log_pages);

  void CommitTogether(const std::vector<Pending*>& group) ABSL_LOCKS_EXCLUDED(store_mutex_);
  absl::Status WriteTogether(const std::vector<Pending*>& group, ledger::Frontier& grown)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  absl::Status WriteOne(Pending& pending, ledger::Frontier& grown)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  absl::Status CommitTransaction() ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  void RollBack() ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  void EmptyLogWhenLong() ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  // Nothing is written any more by this process.
  void Stop(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_mutex_);
  absl::StatusOr<ledger::Frontier> ReadBack(ledger::Frontier from, const ledger::Frontier& to);
  absl::Status Keep(const StoredCheckpoint& checkpoint) ABSL_LOCKS_EXCLUDED(store_mutex_);

  const ledger::CheckpointSigner signer_;
  const int log_pages_;
  Group<Pending> group_;
  sync::Mutex checkpoint_mutex_;  // taken before store_mutex_
  sync::Mutex store_mutex_;
  const std::unique_ptr<Database> database_ ABSL_PT_GUARDED_BY(store_mutex_);
  ledger::Frontier tree_ ABSL_GUARDED_BY(store_mutex_);  // as of the last commit
  absl::Status stopped_ ABSL_GUARDED_BY(store_mutex_);   // OK while it takes appends
};

}  // namespace jit::journal_sqlite
