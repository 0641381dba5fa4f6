#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/journal_sqlite/salvage.h"
#include "broker/ledger/record.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/journal_sqlite/journal_folder.h"
#include "tests/testing/journal_samples.h"

namespace jit::testing {
namespace {

namespace fs = std::filesystem;
using journal_sqlite::ReadCopy;
using journal_sqlite::SqliteJournal;
using ::testing::HasSubstr;

std::string Words(const absl::Status& status) {
  return std::string(status.message());
}

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

// Somebody with the file in their hands and no scruples.
void Tamper(const std::string& file, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  const std::string all =
      "drop trigger if exists records_are_never_changed;"
      "drop trigger if exists records_are_never_deleted;" +
      sql;
  char* why = nullptr;
  EXPECT_EQ(sqlite3_exec(handle, all.c_str(), nullptr, nullptr, &why), SQLITE_OK) << why;
  sqlite3_close(handle);
}

void Fill(SqliteJournal& journal, int records) {
  for (int n = 0; n < records; ++n) {
    ASSERT_TRUE(journal.Commit(OneRecord(absl::StrCat("s/", n), 0, n)).ok());
  }
}

TEST(JournalFile, KeepsEverythingFromOneStartToTheNext) {
  const JournalFolder folder;
  ports::Append append = OneLease(1, "ada", lease::State::kOpen);
  append.answer = ports::Answer{"key", "f", "r"};
  append.expectations = {{"person/ada", 0, ports::Expectation::Then::kAdvance}};
  ledger::SignedCheckpoint checkpoint;
  {
    const auto journal = folder.Open();
    ASSERT_TRUE(journal.ok()) << journal.status();
    ASSERT_TRUE((*journal)->Commit(append).ok());
    checkpoint = *(*journal)->Checkpoint();
  }
  const auto journal = folder.Open();
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ((*journal)->Size(), 1);
  EXPECT_EQ((*journal)->Load(append.stream)->size(), 1u);
  EXPECT_EQ(*(*journal)->VersionOf("person/ada"), 1);
  EXPECT_EQ(**(*journal)->Summary(LeaseNumber(1)), *append.summary);
  EXPECT_TRUE((*journal)->FindAnswer("key")->has_value());
  EXPECT_EQ(**(*journal)->LastCheckpoint(), checkpoint);
  EXPECT_EQ(*(*journal)->Checkpoint(), checkpoint);
  EXPECT_EQ(*(*journal)->Commit(OneRecord(append.stream, 1)), 2);
  EXPECT_EQ((*journal)->Checkpoint()->body.size, 2u);
}

TEST(JournalFile, CanBeTouchedByItsOwnerOnly) {
  const JournalFolder folder;
  const auto journal = folder.Open();
  ASSERT_TRUE((*journal)->Commit(OneRecord("a", 0)).ok());
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    struct stat seen {};
    ASSERT_EQ(stat(entry.path().c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 07777, 0600u) << entry.path();
  }
}

TEST(JournalFile, ASecondBrokerIsRefusedInWords) {
  const JournalFolder folder;
  // Another process, made before this one has the file open, so that it knows nothing of it.
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t other = fork();
  if (other == 0) {
    char go = 0;
    const bool told = read(ends[0], &go, 1) == 1;
    _exit(told && absl::IsFailedPrecondition(folder.Open().status()) ? 0 : 1);
  }
  const auto first = folder.Open();
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(write(ends[1], "!", 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  close(ends[0]);
  close(ends[1]);

  const absl::Status here = folder.Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(here)) << here;
  EXPECT_THAT(Words(here), HasSubstr("another broker has the journal"));
  EXPECT_TRUE((*first)->Commit(OneRecord("a", 0)).ok());
}

TEST(JournalFile, ItsFolderMustBeThere) {
  const auto journal =
      SqliteJournal::Open({.path = "/nowhere/at/all", .vfs = ""}, SignerFromSeed("a", 1));
  EXPECT_TRUE(absl::IsNotFound(journal.status())) << journal.status();
  EXPECT_THAT(Words(journal.status()), HasSubstr("/nowhere/at/all"));
}

TEST(JournalFile, AnotherDatabaseIsRefusedAndLeftAlone) {
  const JournalFolder folder;
  Tamper(folder.file(), "create table shopping (item text);");
  const std::string before = ContentOf(folder.file());
  const absl::Status refused = folder.Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(Words(refused), HasSubstr("no journal"));
  EXPECT_EQ(ContentOf(folder.file()), before);
}

TEST(JournalFile, SomethingThatIsNoDatabaseIsRefusedAndLeftAlone) {
  const JournalFolder folder;
  std::ofstream(folder.file()) << std::string(5000, 'x');
  EXPECT_TRUE(absl::IsDataLoss(folder.Open().status()));
  EXPECT_EQ(ContentOf(folder.file()), std::string(5000, 'x'));
}

TEST(JournalFile, ANewerSchemaIsRefused) {
  const JournalFolder folder;
  ASSERT_TRUE(folder.Open().ok());
  Tamper(folder.file(), "pragma user_version = 2;");
  const absl::Status refused = folder.Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(Words(refused), HasSubstr("schema 2"));
}

TEST(JournalFile, AnotherKeyIsRefusedOnceSomethingIsSigned) {
  const JournalFolder folder;
  {
    const auto journal = folder.Open();
    Fill(**journal, 1);
    ASSERT_TRUE((*journal)->Checkpoint().ok());
  }
  const absl::Status refused =
      SqliteJournal::Open({.path = folder.file()}, SignerFromSeed("jit-access/test", 2)).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(Words(refused), HasSubstr("not signed with this broker's key"));
}

TEST(JournalFile, AChangedRecordIsNeverSignedNorLoadedNorAddedTo) {
  const JournalFolder folder;
  {
    const auto journal = folder.Open();
    Fill(**journal, 5);
  }
  Tamper(folder.file(),
         "update records set bytes = cast(replace(bytes, '\"n\":2', '\"n\":7') as blob)"
         " where sequence = 2");
  const auto journal = folder.Open();
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_TRUE(absl::IsDataLoss((*journal)->Load("s/2").status()));
  const absl::Status refused = (*journal)->Checkpoint().status();
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  EXPECT_THAT(Words(refused), HasSubstr("record 2"));
  EXPECT_TRUE(absl::IsDataLoss((*journal)->Commit(OneRecord("t", 0)).status()));
  EXPECT_TRUE(absl::IsDataLoss((*journal)->Checkpoint().status()));
  EXPECT_EQ(*(*journal)->LastCheckpoint(), std::nullopt);
  EXPECT_EQ((*journal)->Load("s/3")->size(), 1u);
}

TEST(JournalFile, AChangedRecordWithAMatchingHashIsStillNotSigned) {
  const JournalFolder folder;
  {
    const auto journal = folder.Open();
    Fill(**journal, 5);
  }
  const std::string forged = *ledger::Encode({.sequence = 2,
                                              .stream = "s/2",
                                              .version = 1,
                                              .time = SecondNumber(2),
                                              .type = "test.happened.v1",
                                              .body = "{\"n\":7}"});
  const ledger::Hash leaf = ledger::LeafHash(forged);
  Tamper(folder.file(),
         absl::StrCat("update records set bytes = cast('", forged, "' as blob), leaf = x'",
                      ledger::HexOf(leaf), "' where sequence = 2"));
  const auto journal = folder.Open();
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_TRUE(absl::IsDataLoss((*journal)->Checkpoint().status()));
}

TEST(JournalFile, MissingRecordsAreNoticedWhereverTheyAre) {
  for (const int sequence : {0, 2, 4}) {
    const JournalFolder folder;
    {
      const auto journal = folder.Open();
      Fill(**journal, 5);
    }
    Tamper(folder.file(), absl::StrCat("delete from records where sequence = ", sequence));
    const auto journal = folder.Open();
    const absl::Status noticed =
        journal.ok() ? (*journal)->Checkpoint().status() : journal.status();
    EXPECT_TRUE(absl::IsDataLoss(noticed)) << sequence << ": " << noticed;
  }
}

TEST(JournalFile, AnOlderCopyThanWhatWasSignedIsRefused) {
  const JournalFolder folder;
  {
    const auto journal = folder.Open();
    Fill(**journal, 5);
    ASSERT_TRUE((*journal)->Checkpoint().ok());
  }
  ledger::Frontier three;
  {
    const auto journal = folder.Open();
    ASSERT_TRUE((*journal)
                    ->Export(0,
                             [&](const ledger::Record& record) {
                               if (record.sequence < 3) {
                                 three.Append(ledger::LeafHash(*ledger::Encode(record)));
                               }
                               return absl::OkStatus();
                             })
                    .ok());
  }
  Tamper(folder.file(),
         absl::StrCat("delete from records where sequence >= 3; update tree set frontier = x'",
                      absl::BytesToHexString(three.Serialize()), "'"));
  const absl::Status refused = folder.Open().status();
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  EXPECT_THAT(Words(refused), HasSubstr("5 were signed"));
}

// Whatever bit of the file flips, what comes out is either an error or what was put in.
TEST(JournalFile, AFlippedBitIsNoticedOrChangesNothing) {
  const JournalFolder folder;
  std::vector<ledger::Record> written;
  {
    const auto journal = folder.Open();
    Fill(**journal, 40);
    ASSERT_TRUE((*journal)
                    ->Export(0,
                             [&](const ledger::Record& record) {
                               written.push_back(record);
                               return absl::OkStatus();
                             })
                    .ok());
  }
  const std::string good = ContentOf(folder.file());
  std::mt19937_64 chance(20261120);
  int noticed = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bad = good;
    char& byte = bad[chance() % bad.size()];
    byte = static_cast<char>(byte ^ (1 << (chance() % 8)));
    std::ofstream(folder.file(), std::ios::binary | std::ios::trunc) << bad;
    std::vector<ledger::Record> read;
    absl::Status status;
    {
      const auto journal = folder.Open();
      status = journal.ok() ? (*journal)->Checkpoint().status() : journal.status();
      if (status.ok()) {
        status = (*journal)->Export(0, [&](const ledger::Record& record) {
          read.push_back(record);
          return absl::OkStatus();
        });
      }
    }
    noticed += status.ok() ? 0 : 1;
    EXPECT_TRUE(!status.ok() || read == written) << "round " << round;
    fs::remove(folder.file() + "-wal");
  }
  EXPECT_GT(noticed, 100);
}

TEST(JournalCopy, TellsEveryRecordByteForByteWithItsLogBesideIt) {
  const JournalFolder folder;
  const JournalFolder copies;
  const auto journal = SqliteJournal::Open({.path = folder.file()}, SignerFromSeed("a", 1));
  Fill(**journal, 12);
  fs::copy(folder.file(), copies.file());
  fs::copy(folder.file() + "-wal", copies.file() + "-wal");
  std::int64_t next = 0;
  const absl::Status told = ReadCopy(copies.file(), [&](std::int64_t at, absl::string_view bytes) {
    EXPECT_EQ(at, next);
    EXPECT_EQ(ledger::Decode(bytes)->stream, absl::StrCat("s/", next));
    ++next;
    return absl::OkStatus();
  });
  EXPECT_TRUE(told.ok()) << told;
  EXPECT_EQ(next, 12);
}

TEST(JournalCopy, TellsWhatIsStoredAlsoWhenItIsWrong) {
  const JournalFolder folder;
  {
    const auto journal = folder.Open();
    Fill(**journal, 3);
  }
  Tamper(folder.file(), "update records set bytes = x'00ff' where sequence = 1");
  std::vector<std::string> read;
  ASSERT_TRUE(ReadCopy(folder.file(), [&](std::int64_t, absl::string_view bytes) {
                read.emplace_back(bytes);
                return absl::OkStatus();
              }).ok());
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[1], std::string("\0\xff", 2));
}

TEST(JournalCopy, IsRefusedWhenItIsNoJournal) {
  const JournalFolder folder;
  const auto take = [](std::int64_t, absl::string_view) { return absl::OkStatus(); };
  EXPECT_FALSE(ReadCopy(folder.file(), take).ok());
  EXPECT_FALSE(fs::exists(folder.file()));
  Tamper(folder.file(), "create table shopping (item text);");
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadCopy(folder.file(), take)));
}

}  // namespace
}  // namespace jit::testing
