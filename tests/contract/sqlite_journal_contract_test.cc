#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/contract/journal_contract.h"
#include "tests/journal_sqlite/journal_folder.h"

namespace jit::testing {
namespace {

// A journal that takes its folder with it.
class JournalInItsFolder : public ports::Journal {
 public:
  JournalInItsFolder() : journal_(folder_.Open().value()) {}
  absl::StatusOr<std::int64_t> Commit(const ports::Append& append) override {
    return journal_->Commit(append);
  }
  absl::StatusOr<std::vector<ledger::Record>> Load(const std::string& stream) override {
    return journal_->Load(stream);
  }
  absl::StatusOr<std::int64_t> VersionOf(const std::string& stream) override {
    return journal_->VersionOf(stream);
  }
  absl::StatusOr<std::optional<ports::Answer>> FindAnswer(const std::string& key) override {
    return journal_->FindAnswer(key);
  }
  absl::StatusOr<std::optional<ports::LeaseSummary>> Summary(const core::LeaseId& id) override {
    return journal_->Summary(id);
  }
  absl::StatusOr<std::vector<ports::LeaseSummary>> Summaries(
      const ports::SummaryFilter& filter) override {
    return journal_->Summaries(filter);
  }
  absl::StatusOr<std::int64_t> CountWaiting(const core::PersonId& person) override {
    return journal_->CountWaiting(person);
  }
  absl::StatusOr<std::optional<ports::ChangeSummary>> SummaryOfChange(
      const core::ChangeId& id) override {
    return journal_->SummaryOfChange(id);
  }
  absl::StatusOr<std::vector<ports::ChangeSummary>> ChangeSummaries(
      const ports::ChangeFilter& filter) override {
    return journal_->ChangeSummaries(filter);
  }
  absl::StatusOr<std::int64_t> CountWaitingChanges(const core::PersonId& person) override {
    return journal_->CountWaitingChanges(person);
  }
  absl::StatusOr<ledger::SignedCheckpoint> Checkpoint() override { return journal_->Checkpoint(); }
  absl::StatusOr<std::optional<ledger::SignedCheckpoint>> LastCheckpoint() override {
    return journal_->LastCheckpoint();
  }
  absl::Status Export(std::int64_t from,
                      const std::function<absl::Status(const ledger::Record&)>& each) override {
    return journal_->Export(from, each);
  }
  std::int64_t Size() override { return journal_->Size(); }

 private:
  const JournalFolder folder_;
  const std::unique_ptr<ports::Journal> journal_;
};

std::unique_ptr<ports::Journal> MakeSqliteJournal() {
  return std::make_unique<JournalInItsFolder>();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, JournalContract, ::testing::Values(MakeSqliteJournal));

}  // namespace
}  // namespace jit::testing
