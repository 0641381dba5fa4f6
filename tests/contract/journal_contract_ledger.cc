#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/ledger/record.h"
#include "gmock/gmock.h"
#include "tests/contract/journal_contract.h"
#include "tests/testing/signer_from_seed.h"

namespace jit::testing {

using ports::Expectation;
using ::testing::IsEmpty;

namespace {

std::vector<ledger::Record> ExportAll(ports::Journal& journal, std::int64_t from = 0) {
  std::vector<ledger::Record> records;
  const absl::Status status = journal.Export(from, [&](const ledger::Record& record) {
    records.push_back(record);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return records;
}

bool IsSomeoneWasFaster(const absl::Status& status) {
  return absl::IsAborted(status) && core::ReasonOf(status) == core::Reason::kSomeoneWasFaster;
}

}  // namespace

TEST_P(JournalContract, ExportTellsEverythingInOrderFromWhereItIsAsked) {
  const auto journal = Make();
  for (int n = 0; n < 5; ++n) {
    ASSERT_TRUE(journal->Commit(OneRecord(absl::StrCat("s/", n), 0, n)).ok());
  }
  const std::vector<ledger::Record> all = ExportAll(*journal);
  ASSERT_EQ(all.size(), 5u);
  for (int n = 0; n < 5; ++n) {
    EXPECT_EQ(all[static_cast<std::size_t>(n)].sequence, n);
    EXPECT_EQ(all[static_cast<std::size_t>(n)].stream, absl::StrCat("s/", n));
  }
  EXPECT_EQ(ExportAll(*journal, 3), (std::vector<ledger::Record>{all[3], all[4]}));
  EXPECT_THAT(ExportAll(*journal, 5), IsEmpty());
  EXPECT_THAT(ExportAll(*journal, 500), IsEmpty());
  EXPECT_EQ(journal->Export(-1, [](const ledger::Record&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(JournalContract, ExportStopsWithTheErrorOfWhoeverTakesIt) {
  const auto journal = Make();
  for (int n = 0; n < 5; ++n) {
    ASSERT_TRUE(journal->Commit(OneRecord(absl::StrCat("s/", n), 0, n)).ok());
  }
  int taken = 0;
  const absl::Status status = journal->Export(0, [&](const ledger::Record&) {
    return ++taken == 2 ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(taken, 2);
}

TEST_P(JournalContract, ACheckpointIsTheSignedRootOfWhatIsExported) {
  const auto journal = Make();
  const ledger::CheckpointVerifier verifier = SignerFromSeed("jit-access/test", 1).Verifier();
  ledger::Frontier tree;
  for (int n = 0; n < 37; ++n) {
    ASSERT_TRUE(journal->Commit(OneRecord(absl::StrCat("s/", n), 0, n)).ok());
    if (n % 5 != 0) {
      continue;
    }
    const auto checkpoint = journal->Checkpoint();
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    for (const ledger::Record& record :
         ExportAll(*journal, static_cast<std::int64_t>(tree.size()))) {
      tree.Append(ledger::LeafHash(*ledger::Encode(record)));
    }
    EXPECT_EQ(checkpoint->body.size, tree.size());
    EXPECT_EQ(checkpoint->body.root, tree.Root());
    EXPECT_EQ(*verifier.Open(checkpoint->note), *checkpoint);
    EXPECT_EQ(**journal->LastCheckpoint(), *checkpoint);
  }
}

TEST_P(JournalContract, ACheckpointOfNothingNewIsTheOneBefore) {
  const auto journal = Make();
  const auto empty = journal->Checkpoint();
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->body.size, 0u);
  EXPECT_EQ(*journal->Checkpoint(), *empty);
  ASSERT_TRUE(journal->Commit(OneRecord("a", 0)).ok());
  const auto one = journal->Checkpoint();
  EXPECT_EQ(one->body.size, 1u);
  EXPECT_EQ(*journal->Checkpoint(), *one);
}

TEST_P(JournalContract, EightThreadsAppendAndEveryRecordIsThereOnce) {
  const auto journal = Make();
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < kEach; ++n) {
        const auto version = journal->Commit(OneRecord(absl::StrCat("s/", t), n, n));
        EXPECT_TRUE(version.ok()) << version.status();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::vector<ledger::Record> all = ExportAll(*journal);
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
  std::map<std::string, std::int64_t> versions;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].sequence, static_cast<std::int64_t>(i));
    EXPECT_EQ(all[i].version, ++versions[all[i].stream]);
  }
  EXPECT_TRUE(journal->Checkpoint().ok());
}

TEST_P(JournalContract, OfManyWhoDecideOnOneVersionExactlyOneWins) {
  const auto journal = Make();
  constexpr int kThreads = 8;
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> won = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ports::Append append = OneRecord(absl::StrCat("r", round, "/", t), 0, t);
        append.expectations = {{"person/ada", round, Expectation::Then::kAdvance}};
        const auto version = journal->Commit(append);
        if (version.ok()) {
          ++won;
        } else {
          EXPECT_TRUE(IsSomeoneWasFaster(version.status())) << version.status();
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(*journal->VersionOf("person/ada"), round + 1);
    EXPECT_EQ(journal->Size(), round + 1);
  }
}

TEST_P(JournalContract, OfManyWithOneIdempotencyIdExactlyOneWins) {
  const auto journal = Make();
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      ports::Append append = OneRecord(absl::StrCat("s/", t), 0, t);
      append.answer = ports::Answer{"ada/ask/1", "f", absl::StrCat(t)};
      const auto version = journal->Commit(append);
      if (version.ok()) {
        ++won;
      } else {
        EXPECT_TRUE(absl::IsAlreadyExists(version.status())) << version.status();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(journal->Size(), 1);
  EXPECT_EQ(ExportAll(*journal)[0].stream, "s/" + (*journal->FindAnswer("ada/ask/1"))->result);
}

}  // namespace jit::testing
