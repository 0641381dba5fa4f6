// A folder of one test's own with a journal in it, gone with the test.
//
// In memory where the machine has such a place: these tests ask what reaches the file and in which
// order, and model the disk themselves where they ask what survives it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/journal_sqlite/journal.h"
#include "gtest/gtest.h"
#include "tests/testing/signer_from_seed.h"

namespace jit::testing {

class JournalFolder {
 public:
  JournalFolder() {
    const bool memory = access("/dev/shm", W_OK) == 0;
    std::string pattern = (memory ? "/dev/shm/" : ::testing::TempDir()) + "jit_journal_XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  JournalFolder(const JournalFolder&) = delete;
  JournalFolder& operator=(const JournalFolder&) = delete;
  ~JournalFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string file() const { return path_ + "/journal"; }

  // Logs are short here, so that moving them into the file happens in every test.
  absl::StatusOr<std::unique_ptr<journal_sqlite::SqliteJournal>> Open(
      const std::string& vfs = "") const {
    return journal_sqlite::SqliteJournal::Open({.path = file(), .vfs = vfs, .log_pages = 8},
                                               SignerFromSeed("jit-access/test", 1));
  }

 private:
  std::string path_;
};

}  // namespace jit::testing
