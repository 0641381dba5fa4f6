// The journal of tests: keeps ports/journal.h in memory, with a real Merkle tree, and can be told
// to fail.
//
// Promises: passes the same contract suite as the journal that is shipped. Nothing survives the
// object, so a simulated restart of the broker keeps it. Safe from any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "broker/ledger/checkpoint.h"
#include "broker/ledger/merkle.h"
#include "broker/ports/journal.h"
#include "broker/sync/mutex.h"

namespace jit::testing {

// What goes wrong with one Commit.
enum class CommitTrouble {
  kNone,
  kFailsBefore,  // kUnavailable, nothing was written
  kFailsAfter,   // kUnknown, and it was written
};

// What the store as a whole can still do.
enum class StoreHealth {
  kGood,
  kReadOnly,  // Commit and Checkpoint answer kUnavailable
  kDown,      // everything answers kUnavailable
};

class MemoryJournal : public ports::Journal {
 public:
  MemoryJournal();  // signs with SignerFromSeed("jit-access/test", 1)
  explicit MemoryJournal(ledger::CheckpointSigner signer);

  // The nth Commit from now on, counted from 1, fails once in that way.
  void FailCommit(int nth, CommitTrouble trouble);
  // Asked before every Commit, after FailCommit; an empty function asks nobody. Must not call the
  // journal.
  void AskBeforeCommit(std::function<CommitTrouble(const ports::Append&)> plan);
  void SetHealth(StoreHealth health);
  // Changes one stored byte, so that the next Checkpoint that reads it finds out.
  void FlipBit(std::int64_t sequence, std::size_t byte);

  int commits_seen() const;  // Commit calls so far, whatever became of them

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
  CommitTrouble NextTrouble(const ports::Append& append) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Readable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Writable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckExpected(const ports::Append& append) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<std::string>> EncodeAll(const ports::Append& append) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Apply(const ports::Append& append, std::vector<std::string> lines)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::int64_t VersionNow(const std::string& stream) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ledger::CheckpointSigner signer_;
  mutable sync::Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);  // the stored bytes of each record
  std::map<std::string, std::vector<std::int64_t>> sequences_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::int64_t> versions_ ABSL_GUARDED_BY(mutex_);
  std::map<core::LeaseId, ports::LeaseSummary> summaries_ ABSL_GUARDED_BY(mutex_);
  std::map<core::ChangeId, ports::ChangeSummary> changes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, ports::Answer> answers_ ABSL_GUARDED_BY(mutex_);
  ledger::Frontier tree_ ABSL_GUARDED_BY(mutex_);
  ledger::Frontier checked_ ABSL_GUARDED_BY(mutex_);  // as far as the last checkpoint
  std::optional<ledger::SignedCheckpoint> checkpoint_ ABSL_GUARDED_BY(mutex_);
  bool spoiled_ ABSL_GUARDED_BY(mutex_) = false;
  StoreHealth health_ ABSL_GUARDED_BY(mutex_) = StoreHealth::kGood;
  std::map<int, CommitTrouble> planned_ ABSL_GUARDED_BY(mutex_);  // by number of the commit
  std::function<CommitTrouble(const ports::Append&)> plan_ ABSL_GUARDED_BY(mutex_);
  int commits_seen_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace jit::testing
