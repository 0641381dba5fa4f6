#include "broker/journal_sqlite/journal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/journal_sqlite/change_rows.h"
#include "broker/journal_sqlite/open_file.h"
#include "broker/journal_sqlite/summary_rows.h"

namespace jit::journal_sqlite {
namespace {

constexpr std::size_t kGroupMost = 128;
constexpr std::int64_t kReadAtOnce = 512;  // records between two chances for others to go on

constexpr absl::string_view kRestart =
    "the journal takes nothing more until the broker is started again: the disk did not confirm "
    "that it has stored what was written";

// What an operator reads when a write failed.
absl::Status Unwritable(const absl::Status& status) {
  if (TroubleOf(status) == Trouble::kNone) {
    return status;
  }
  const std::string sentence = absl::StrCat("the journal cannot be written: ", status.message());
  return absl::IsDataLoss(status) ? absl::DataLossError(sentence)
                                  : absl::UnavailableError(sentence);
}

absl::Status Unreadable(const absl::Status& status) {
  if (TroubleOf(status) == Trouble::kNone) {
    return status;
  }
  const std::string sentence = absl::StrCat("the journal cannot be read: ", status.message());
  return absl::IsDataLoss(status) ? absl::DataLossError(sentence)
                                  : absl::UnavailableError(sentence);
}

template <class T>
absl::StatusOr<T> Told(absl::StatusOr<T> result) {
  return result.ok() ? std::move(result) : absl::StatusOr<T>(Unreadable(result.status()));
}

// The file's own words about itself must fit together: what is missing at the end shows here.
absl::Status CompareEnds(Database& database, const ledger::Frontier& tree) {
  const absl::StatusOr<std::int64_t> count = CountRecords(database);
  if (!count.ok()) return count.status();
  const auto size = static_cast<std::int64_t>(tree.size());
  if (*count != size) {
    return absl::DataLossError(absl::StrCat("the journal holds records up to ", *count,
                                            " and its tree has ", size, " leaves"));
  }
  return size == 0 ? absl::OkStatus() : ReadRecords(database, size - 1, size).status();
}

absl::Status CompareCheckpoint(Database& database, const ledger::CheckpointSigner& signer,
                               const ledger::Frontier& tree) {
  const auto last = ReadLastCheckpoint(database);
  if (!last.ok()) return last.status();
  if (!last->has_value()) return absl::OkStatus();
  const auto checkpoint = signer.Verifier().Open((*last)->note);
  if (!checkpoint.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the journal's last checkpoint was not signed with this broker's key (",
                     checkpoint.status().message(), "); start the broker with the key it had"));
  }
  if (checkpoint->body.size > tree.size()) {
    return absl::DataLossError(absl::StrCat("the journal ends after ", tree.size(),
                                            " records, and ", checkpoint->body.size,
                                            " were signed"));
  }
  const ledger::Frontier& frontier = (*last)->frontier;
  if (checkpoint->body.size != frontier.size() || checkpoint->body.root != frontier.Root()) {
    return absl::DataLossError("the journal's last checkpoint does not match its own frontier");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteJournal>> SqliteJournal::Open(
    const Options& options, ledger::CheckpointSigner signer) {
  absl::StatusOr<std::unique_ptr<Database>> database = OpenFile(options.path, options.vfs);
  if (!database.ok()) return database.status();
  const absl::StatusOr<ledger::Frontier> tree = ReadFrontier(**database);
  if (!tree.ok()) return Unreadable(tree.status());
  absl::Status fit = CompareEnds(**database, *tree);
  if (fit.ok()) fit = CompareCheckpoint(**database, signer, *tree);
  if (!fit.ok()) return Unreadable(fit);
  return std::unique_ptr<SqliteJournal>(
      new SqliteJournal(*std::move(database), std::move(signer), *tree, options.log_pages));
}

SqliteJournal::SqliteJournal(std::unique_ptr<Database> database, ledger::CheckpointSigner signer,
                             const ledger::Frontier& tree, int log_pages)
    : signer_(std::move(signer)),
      log_pages_(log_pages),
      group_(kGroupMost),
      database_(std::move(database)),
      tree_(tree) {}

absl::StatusOr<std::int64_t> SqliteJournal::Commit(const ports::Append& append) {
  const absl::Status shape = CheckShape(append);
  if (!shape.ok()) return shape;
  Pending pending{.append = &append};
  group_.Do(pending, [this](const std::vector<Pending*>& group) { CommitTogether(group); });
  return pending.result;
}

void SqliteJournal::CommitTogether(const std::vector<Pending*>& group) {
  const sync::Lock lock(store_mutex_);
  ledger::Frontier grown = tree_;
  const absl::Status written = stopped_.ok() ? WriteTogether(group, grown) : stopped_;
  if (written.ok()) {
    tree_ = std::move(grown);
    EmptyLogWhenLong();
    return;
  }
  RollBack();
  for (Pending* pending : group) {
    // A refusal stands, whatever became of the others.
    if (pending->result.ok() || absl::IsUnknown(pending->result.status())) {
      pending->result = written;
    }
  }
}

absl::Status SqliteJournal::WriteTogether(const std::vector<Pending*>& group,
                                          ledger::Frontier& grown) {
  const absl::Status begun = database_->Do("begin");
  if (!begun.ok()) return Unwritable(begun);
  bool anything = false;
  for (Pending* pending : group) {
    const absl::Status kept = WriteOne(*pending, grown);
    if (!kept.ok()) return Unwritable(kept);
    anything = anything || pending->result.ok();
  }
  if (!anything) {
    RollBack();
    return absl::OkStatus();
  }
  const absl::Status grew = WriteFrontier(*database_, grown);
  return grew.ok() ? CommitTransaction() : Unwritable(grew);
}

// One append of the group, in a savepoint of its own: what it is refused for hurts nobody else. An
// error here is the store's, and everybody's.
absl::Status SqliteJournal::WriteOne(Pending& pending, ledger::Frontier& grown) {
  const absl::Status opened = database_->Do("savepoint");
  if (!opened.ok()) return opened;
  ledger::Frontier with_this = grown;
  pending.result = WriteAppend(*database_, *pending.append, with_this);
  if (pending.result.ok()) {
    grown = std::move(with_this);
    return database_->Do("release");
  }
  if (TroubleOf(pending.result.status()) != Trouble::kNone) {
    const absl::Status trouble = pending.result.status();
    pending.result = absl::UnknownError("not done");
    return trouble;
  }
  const absl::Status undone = database_->Do("rollback_to");
  return undone.ok() ? database_->Do("release") : undone;
}

absl::Status SqliteJournal::CommitTransaction() {
  const absl::Status done = database_->Do("commit");
  const Trouble trouble = TroubleOf(done);
  if (trouble != Trouble::kDiskError && trouble != Trouble::kUnflushed) {
    return Unwritable(done);
  }
  // The log may hold the whole transaction or not; the next start will see, and until then nothing
  // may be written after it.
  Stop(absl::UnavailableError(kRestart));
  return absl::UnknownError(
      absl::StrCat("nobody knows whether the journal has stored this: ", done.message()));
}

void SqliteJournal::RollBack() {
  if (database_->InTransaction()) {
    database_->Do("rollback").IgnoreError();
  }
}

void SqliteJournal::Stop(const absl::Status& why) {
  if (stopped_.ok()) {
    stopped_ = why;
  }
}

void SqliteJournal::EmptyLogWhenLong() {
  if (database_->LogPages() < log_pages_) {
    return;
  }
  // What could not be moved stays in the log and is tried again after the next commit. But once a
  // flush has failed, a later one that succeeds says nothing about the pages of the first.
  if (TroubleOf(database_->EmptyLog()) == Trouble::kUnflushed) {
    Stop(absl::UnavailableError(kRestart));
  }
}

absl::StatusOr<std::vector<ledger::Record>> SqliteJournal::Load(const std::string& stream) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadStream(*database_, stream));
}

absl::StatusOr<std::int64_t> SqliteJournal::VersionOf(const std::string& stream) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadVersion(*database_, stream));
}

absl::StatusOr<std::optional<ports::Answer>> SqliteJournal::FindAnswer(const std::string& key) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadAnswer(*database_, key));
}

absl::StatusOr<std::optional<ports::LeaseSummary>> SqliteJournal::Summary(const core::LeaseId& id) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadSummary(*database_, id));
}

absl::StatusOr<std::vector<ports::LeaseSummary>> SqliteJournal::Summaries(
    const ports::SummaryFilter& filter) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadSummaries(*database_, filter));
}

absl::StatusOr<std::int64_t> SqliteJournal::CountWaiting(const core::PersonId& person) {
  const sync::Lock lock(store_mutex_);
  return Told(CountWaitingRows(*database_, person));
}

absl::StatusOr<std::optional<ports::ChangeSummary>> SqliteJournal::SummaryOfChange(
    const core::ChangeId& id) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadChangeSummary(*database_, id));
}

absl::StatusOr<std::vector<ports::ChangeSummary>> SqliteJournal::ChangeSummaries(
    const ports::ChangeFilter& filter) {
  const sync::Lock lock(store_mutex_);
  return Told(ReadChangeSummaries(*database_, filter));
}

absl::StatusOr<std::int64_t> SqliteJournal::CountWaitingChanges(const core::PersonId& person) {
  const sync::Lock lock(store_mutex_);
  return Told(CountWaitingChangeRows(*database_, person));
}

std::int64_t SqliteJournal::Size() {
  const sync::Lock lock(store_mutex_);
  return static_cast<std::int64_t>(tree_.size());
}

absl::Status SqliteJournal::Export(std::int64_t from,
                                   const std::function<absl::Status(const ledger::Record&)>& each) {
  if (from < 0) {
    return absl::InvalidArgumentError("records are counted from 0");
  }
  const std::int64_t size = Size();
  for (std::int64_t at = from; at < size; at += kReadAtOnce) {
    absl::StatusOr<std::vector<StoredRecord>> records = std::vector<StoredRecord>();
    {
      const sync::Lock lock(store_mutex_);
      records = ReadRecords(*database_, at, std::min(size, at + kReadAtOnce));
    }
    if (!records.ok()) return Unreadable(records.status());
    for (const StoredRecord& one : *records) {
      const absl::Status taken = each(one.record);
      if (!taken.ok()) return taken;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ledger::SignedCheckpoint>> SqliteJournal::LastCheckpoint() {
  absl::StatusOr<std::optional<StoredCheckpoint>> last = std::optional<StoredCheckpoint>();
  {
    const sync::Lock lock(store_mutex_);
    last = ReadLastCheckpoint(*database_);
  }
  if (!last.ok()) return Unreadable(last.status());
  if (!last->has_value()) return std::optional<ledger::SignedCheckpoint>();
  auto checkpoint = signer_.Verifier().Open((*last)->note);
  if (!checkpoint.ok()) return checkpoint.status();
  return std::optional<ledger::SignedCheckpoint>(*std::move(checkpoint));
}

// Grows `from` by the records up to the size of `to`, as they are in the file.
absl::StatusOr<ledger::Frontier> SqliteJournal::ReadBack(ledger::Frontier from,
                                                         const ledger::Frontier& to) {
  const auto size = static_cast<std::int64_t>(to.size());
  for (auto at = static_cast<std::int64_t>(from.size()); at < size; at += kReadAtOnce) {
    const sync::Lock lock(store_mutex_);
    database_->ForgetPages();
    const auto records = ReadRecords(*database_, at, std::min(size, at + kReadAtOnce));
    if (!records.ok()) return records.status();
    for (const StoredRecord& one : *records) {
      from.Append(one.leaf);
    }
  }
  if (from.Root() != to.Root()) {
    return absl::DataLossError("the records of the journal do not make up the tree they made");
  }
  return from;
}

absl::Status SqliteJournal::Keep(const StoredCheckpoint& checkpoint) {
  const sync::Lock lock(store_mutex_);
  if (!stopped_.ok()) return stopped_;
  absl::Status status = Unwritable(database_->Do("begin"));
  if (status.ok()) status = Unwritable(WriteCheckpoint(*database_, checkpoint));
  if (status.ok()) status = CommitTransaction();
  if (!status.ok()) RollBack();
  return status;
}

absl::StatusOr<ledger::SignedCheckpoint> SqliteJournal::Checkpoint() {
  const sync::Lock one_at_a_time(checkpoint_mutex_);
  absl::StatusOr<std::optional<StoredCheckpoint>> last = std::optional<StoredCheckpoint>();
  ledger::Frontier now;
  {
    const sync::Lock lock(store_mutex_);
    if (!stopped_.ok()) return stopped_;
    now = tree_;
    last = ReadLastCheckpoint(*database_);
  }
  if (!last.ok()) return Unreadable(last.status());
  const bool first = !last->has_value();
  if (!first && (*last)->frontier.size() == now.size()) {
    return signer_.Verifier().Open((*last)->note);
  }
  absl::StatusOr<ledger::Frontier> read =
      ReadBack(first ? ledger::Frontier() : (*last)->frontier, now);
  if (!read.ok()) {
    const absl::Status why = Unreadable(read.status());
    const sync::Lock lock(store_mutex_);
    if (absl::IsDataLoss(why)) Stop(why);
    return why;
  }
  absl::StatusOr<ledger::SignedCheckpoint> signed_head = signer_.Sign(read->size(), read->Root());
  if (!signed_head.ok()) return signed_head.status();
  const absl::Status kept = Keep({signed_head->note, *read});
  if (!kept.ok()) return kept;
  return signed_head;
}

}  // namespace jit::journal_sqlite
