#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "broker/host/files.h"
#include "broker/host/process.h"
#include "broker/host/system_clock.h"
#include "broker/host/system_entropy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace jit::host {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A folder of one test's own, gone with it.
class OwnFolder {
 public:
  OwnFolder() {
    std::string pattern = ::testing::TempDir() + "jit_host_XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~OwnFolder() { fs::remove_all(path_); }
  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

mode_t ModeOf(const std::string& path) {
  struct stat seen {};
  EXPECT_EQ(stat(path.c_str(), &seen), 0);
  return seen.st_mode & 07777;
}

TEST(SystemClock, BothClocksGoForward) {
  SystemClock clock;
  const ports::Instant first = clock.Now();
  const ports::Instant second = clock.Now();
  EXPECT_LE(first.since_boot, second.since_boot);
  EXPECT_GT(first.wall, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_GT(first.since_boot, absl::ZeroDuration());
}

TEST(SystemEntropy, GivesOtherBytesEachTimeAndFillsAllOfThem) {
  SystemEntropy entropy;
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int i = 0; i < 1000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    entropy.Fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  std::string large(100'000, '\0');
  entropy.Fill({reinterpret_cast<std::uint8_t*>(large.data()), large.size()});
  EXPECT_EQ(large.find(std::string(16, '\0')), std::string::npos);
}

TEST(Process, KeepsItsMemoryPrivate) {
  const pid_t child = fork();
  if (child == 0) {
    rlimit core{};
    const bool kept = KeepMemoryPrivate().ok() && getrlimit(RLIMIT_CORE, &core) == 0 &&
                      core.rlim_max == 0 && RaiseOpenFilesLimit().ok();
    _exit(kept ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Files, WhatIsWrittenIsReadWithTheModeAskedFor) {
  const OwnFolder folder;
  const std::string path = folder.Path("a");
  ASSERT_TRUE(WriteFile(path, "one", 0640).ok());
  EXPECT_EQ(ModeOf(path), 0640u);
  ASSERT_TRUE(WriteFile(path, std::string("t\0wo", 4), 0600).ok());
  EXPECT_EQ(*ReadFile(path, 4), std::string("t\0wo", 4));
  EXPECT_EQ(ModeOf(path), 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(Files, ReadingHasALimit) {
  const OwnFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("a"), "12345", 0600).ok());
  EXPECT_EQ(*ReadFile(folder.Path("a"), 5), "12345");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile(folder.Path("a"), 4).status()));
}

TEST(Files, WhatIsNoRegularFileIsToldAndNotWaitedFor) {
  const OwnFolder folder;
  ASSERT_EQ(mkfifo(folder.Path("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile(folder.Path("fifo"), 5).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile(folder.path(), 5).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadFile(folder.Path("nothing"), 5).status()));
}

TEST(Files, ASecretIsReadOnlyFromAFileOfOurOwn) {
  const OwnFolder folder;
  const std::string path = folder.Path("key");
  ASSERT_TRUE(WriteFile(path, "hunter2", 0600).ok());
  EXPECT_EQ(ReadSecretFile(path, 100)->RevealForUse(), "hunter2");
  for (const mode_t mode : {0640u, 0604u, 0620u, 0610u}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    const absl::Status refused = ReadSecretFile(path, 100).status();
    EXPECT_TRUE(absl::IsPermissionDenied(refused));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("chmod 600"));
    EXPECT_THAT(std::string(refused.message()), ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNothingElse) {
  const OwnFolder folder;
  ASSERT_EQ(mkdir(folder.Path("taken").c_str(), 0700), 0);
  std::ofstream(folder.Path("taken/inside")) << "x";
  EXPECT_FALSE(WriteFile(folder.Path("taken"), "new", 0600).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
  EXPECT_TRUE(absl::IsNotFound(WriteFile(folder.Path("no/such"), "new", 0600)));
}

}  // namespace
}  // namespace jit::host
