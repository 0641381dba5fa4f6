#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/journal_sqlite/faulty_disk.h"
#include "tests/journal_sqlite/journal_folder.h"
#include "tests/journal_sqlite/witness.h"
#include "tests/testing/journal_samples.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;

std::string Words(const absl::Status& status) {
  return std::string(status.message());
}

// Twelve appends with a checkpoint between them; the short log is moved into the file on the way.
// What fails, fails.
void Work(ports::Journal& journal, Witness& witness) {
  for (int n = 1; n <= 12; ++n) {
    witness.Append(journal, n);
    if (n == 6) {
      journal.Checkpoint().status().IgnoreError();
    }
  }
}

struct FaultKind {
  std::string name;
  DiskCall call;
  int code;
  DiskFault::Lasts lasts;
};

class EveryCallFails : public ::testing::TestWithParam<FaultKind> {};

// The loop ends only when the work went through without meeting the fault.
TEST_P(EveryCallFails, AndNothingAcknowledgedIsLost) {
  const FaultKind& kind = GetParam();
  for (int nth = 1;; ++nth) {
    const std::string story = absl::StrCat(kind.name, ", call ", nth);
    const JournalFolder folder;
    FaultyDisk disk;
    Witness witness;
    disk.Break({kind.call, nth, kind.code, kind.lasts});
    {
      const auto journal = folder.Open(disk.vfs());
      if (journal.ok()) {
        Work(**journal, witness);
      }
    }
    const auto reopened = folder.Open();
    ASSERT_TRUE(reopened.ok()) << story << ": " << reopened.status();
    witness.Compare(**reopened, story);
    if (!disk.has_failed()) {
      EXPECT_EQ(witness.acknowledged(), 12);
      EXPECT_GT(nth, 3);
      break;
    }
    ASSERT_FALSE(HasFailure()) << story;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Disk, EveryCallFails,
    ::testing::Values(
        FaultKind{"open_once", DiskCall::kOpen, SQLITE_IOERR, DiskFault::Lasts::kOnce},
        FaultKind{"write_io_once", DiskCall::kWrite, SQLITE_IOERR, DiskFault::Lasts::kOnce},
        FaultKind{"write_io_for_good", DiskCall::kWrite, SQLITE_IOERR, DiskFault::Lasts::kForGood},
        FaultKind{"write_full_once", DiskCall::kWrite, SQLITE_FULL, DiskFault::Lasts::kOnce},
        FaultKind{"write_full_for_good", DiskCall::kWrite, SQLITE_FULL, DiskFault::Lasts::kForGood},
        FaultKind{"sync_once", DiskCall::kSync, SQLITE_IOERR, DiskFault::Lasts::kOnce},
        FaultKind{"sync_for_good", DiskCall::kSync, SQLITE_IOERR, DiskFault::Lasts::kForGood},
        FaultKind{"read_once", DiskCall::kRead, SQLITE_IOERR, DiskFault::Lasts::kOnce}),
    [](const auto& of) { return of.param.name; });

std::uint64_t SeedOr(std::uint64_t fallback) {
  const char* text = std::getenv("JIT_SEED");
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

TEST(PowerCut, LosesNothingThatWasAcknowledged) {
  const std::uint64_t first = SeedOr(1);
  const std::uint64_t seeds = std::getenv("JIT_SEED") != nullptr ? 1 : 150;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const std::string story = absl::StrCat("JIT_SEED=", seed);
    const JournalFolder folder;
    FaultyDisk disk;
    Witness witness;
    {
      const auto journal = folder.Open(disk.vfs());
      ASSERT_TRUE(journal.ok()) << journal.status();
      for (int n = 1; n <= static_cast<int>(seed % 40); ++n) {
        witness.Append(**journal, n);
      }
      // The last append meets the cut somewhere on its way.
      disk.Break({.call = seed % 2 == 0 ? DiskCall::kWrite : DiskCall::kSync,
                  .nth = 1 + static_cast<int>(seed / 2 % 7),
                  .lasts = DiskFault::Lasts::kForGood});
      witness.Append(**journal, 100);
      disk.CutPower();
    }
    disk.PowerUp(seed);
    const auto reopened = folder.Open();
    ASSERT_TRUE(reopened.ok()) << story << ": " << reopened.status();
    witness.Compare(**reopened, story);
    ASSERT_FALSE(HasFailure()) << story;
  }
}

TEST(DiskFull, IsToldInWordsAndIsOverWhenThereIsSpaceAgain) {
  const JournalFolder folder;
  FaultyDisk disk;
  const auto journal = folder.Open(disk.vfs());
  ASSERT_TRUE((*journal)->Commit(OneRecord("a", 0)).ok());
  disk.Break({DiskCall::kWrite, 1, SQLITE_FULL, DiskFault::Lasts::kForGood});
  for (int n = 0; n < 3; ++n) {
    const absl::Status refused = (*journal)->Commit(OneRecord("a", 1)).status();
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
    EXPECT_THAT(Words(refused), HasSubstr("the journal cannot be written: the disk is full"));
  }
  EXPECT_TRUE(absl::IsUnavailable((*journal)->Checkpoint().status()));
  EXPECT_EQ((*journal)->Load("a")->size(), 1u);
  disk.Mend();
  EXPECT_EQ(*(*journal)->Commit(OneRecord("a", 1)), 2);
  EXPECT_TRUE((*journal)->Checkpoint().ok());
}

TEST(ReadOnlyDisk, IsToldInWordsAndStillRead) {
  const JournalFolder folder;
  FaultyDisk disk;
  const auto journal = folder.Open(disk.vfs());
  ASSERT_TRUE((*journal)->Commit(OneRecord("a", 0)).ok());
  disk.Break({DiskCall::kWrite, 1, SQLITE_READONLY, DiskFault::Lasts::kForGood});
  const absl::Status refused = (*journal)->Commit(OneRecord("a", 1)).status();
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_THAT(Words(refused), HasSubstr("read-only"));
  EXPECT_EQ((*journal)->Load("a")->size(), 1u);
  disk.Mend();
  EXPECT_TRUE((*journal)->Commit(OneRecord("a", 1)).ok());
}

TEST(UnconfirmedFlush, StopsEveryLaterAppendUntilARestart) {
  const JournalFolder folder;
  FaultyDisk disk;
  {
    const auto journal = folder.Open(disk.vfs());
    ASSERT_TRUE((*journal)->Commit(OneRecord("a", 0)).ok());
    disk.Break({DiskCall::kSync, 1, SQLITE_IOERR, DiskFault::Lasts::kOnce});
    EXPECT_TRUE(absl::IsUnknown((*journal)->Commit(OneRecord("a", 1)).status()));
    const absl::Status refused = (*journal)->Commit(OneRecord("b", 0)).status();
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
    EXPECT_THAT(Words(refused), HasSubstr("started again"));
    EXPECT_FALSE((*journal)->Checkpoint().ok());
    EXPECT_TRUE((*journal)->Load("a").ok());
  }
  const auto reopened = folder.Open();
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ(*(*reopened)->VersionOf("b"), 0);
  EXPECT_TRUE((*reopened)->Commit(OneRecord("b", 0)).ok());
}

TEST(GroupCommit, FlushesOncePerAppendWhenAloneAndLessOftenInCompany) {
  const JournalFolder folder;
  FaultyDisk disk;
  const auto journal = folder.Open(disk.vfs());
  disk.SlowDownFlushes(1);
  const int before = disk.calls(DiskCall::kSync);
  for (int n = 0; n < 20; ++n) {
    ASSERT_TRUE((*journal)->Commit(OneRecord("a", n)).ok());
  }
  const int alone = disk.calls(DiskCall::kSync) - before;
  EXPECT_GE(alone, 20);

  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 20; ++n) {
        EXPECT_TRUE((*journal)->Commit(OneRecord(absl::StrCat("s/", t), n)).ok());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_LT(disk.calls(DiskCall::kSync) - before - alone, 120);
}

TEST(GroupCommit, OneRefusalHurtsNobodyElseInTheGroup) {
  const JournalFolder folder;
  FaultyDisk disk;
  const auto journal = folder.Open(disk.vfs());
  disk.SlowDownFlushes(2);
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 10; ++n) {
        const bool wrong = (t + n) % 2 == 0;
        const auto version =
            (*journal)->Commit(OneRecord(absl::StrCat("s/", t, "/", n), wrong ? 7 : 0));
        EXPECT_EQ(version.ok(), !wrong) << version.status();
        refused += version.ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(refused, 40);
  EXPECT_EQ((*journal)->Size(), 40);
  EXPECT_TRUE((*journal)->Checkpoint().ok());
}

}  // namespace
}  // namespace jit::testing
