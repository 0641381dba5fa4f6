#include "gtest/gtest.h"
#include "tests/contract/journal_contract.h"
#include "tests/testing/memory_journal.h"

namespace jit::testing {
namespace {

std::unique_ptr<ports::Journal> MakeMemoryJournal() {
  return std::make_unique<MemoryJournal>();
}

INSTANTIATE_TEST_SUITE_P(Memory, JournalContract, ::testing::Values(MakeMemoryJournal));

TEST(MemoryJournal, FailsTheNthCommitBeforeOrAfterItsEffectOnce) {
  MemoryJournal journal;
  journal.FailCommit(2, CommitTrouble::kFailsBefore);
  journal.FailCommit(3, CommitTrouble::kFailsAfter);
  EXPECT_TRUE(journal.Commit(OneRecord("a", 0)).ok());
  EXPECT_TRUE(absl::IsUnavailable(journal.Commit(OneRecord("a", 1)).status()));
  EXPECT_EQ(*journal.VersionOf("a"), 1);
  EXPECT_TRUE(absl::IsUnknown(journal.Commit(OneRecord("a", 1)).status()));
  EXPECT_EQ(*journal.VersionOf("a"), 2);
  EXPECT_TRUE(journal.Commit(OneRecord("a", 2)).ok());
  EXPECT_EQ(journal.commits_seen(), 4);
}

TEST(MemoryJournal, AsksThePlanBeforeEveryCommit) {
  MemoryJournal journal;
  journal.AskBeforeCommit([](const ports::Append& append) {
    return append.stream == "b" ? CommitTrouble::kFailsBefore : CommitTrouble::kNone;
  });
  EXPECT_TRUE(journal.Commit(OneRecord("a", 0)).ok());
  EXPECT_FALSE(journal.Commit(OneRecord("b", 0)).ok());
}

TEST(MemoryJournal, ReadOnlyStillReadsAndDownDoesNot) {
  MemoryJournal journal;
  ASSERT_TRUE(journal.Commit(OneRecord("a", 0)).ok());
  journal.SetHealth(StoreHealth::kReadOnly);
  EXPECT_TRUE(absl::IsUnavailable(journal.Commit(OneRecord("a", 1)).status()));
  EXPECT_TRUE(absl::IsUnavailable(journal.Checkpoint().status()));
  EXPECT_EQ(journal.Load("a")->size(), 1u);
  journal.SetHealth(StoreHealth::kDown);
  EXPECT_TRUE(absl::IsUnavailable(journal.Load("a").status()));
  journal.SetHealth(StoreHealth::kGood);
  EXPECT_TRUE(journal.Commit(OneRecord("a", 1)).ok());
}

TEST(MemoryJournal, NeverSignsAgainAfterReadingBackSomethingElse) {
  MemoryJournal journal;
  ASSERT_TRUE(journal.Commit(OneRecord("a", 0)).ok());
  journal.FlipBit(0, 10);
  EXPECT_TRUE(absl::IsDataLoss(journal.Checkpoint().status()));
  journal.FlipBit(0, 10);
  EXPECT_TRUE(absl::IsDataLoss(journal.Checkpoint().status()));
  EXPECT_TRUE(absl::IsDataLoss(journal.Commit(OneRecord("a", 1)).status()));
}

}  // namespace
}  // namespace jit::testing
