#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/journal_sqlite/journal_folder.h"
#include "tests/testing/journal_samples.h"
#include "tests/testing/thoroughness.h"

namespace jit::testing {
namespace {

// What the child does until it is killed: four threads append, each telling the pipe what was
// acknowledged.
[[noreturn]] void AppendForEver(const JournalFolder& folder, int round, int acknowledged) {
  const auto journal = folder.Open();
  if (!journal.ok()) {
    _exit(1);
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0;; ++n) {
        const int name = round * 1'000'000 + t * 100'000 + n;
        if (!(*journal)->Commit(OneRecord(absl::StrCat("s/", name), 0, n)).ok() ||
            write(acknowledged, &name, sizeof(name)) != sizeof(name)) {
          _exit(2);
        }
        if (n % 50 == 7 && !(*journal)->Checkpoint().ok()) {
          _exit(3);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  _exit(4);
}

TEST(Kill, AtAnyInstantLosesNothingThatWasAcknowledged) {
  const auto rounds = static_cast<int>(FromEnvironment("JIT_KILLS", 15));
  const JournalFolder folder;
  std::mt19937_64 chance(7);
  std::set<int> acknowledged;
  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      AppendForEver(folder, round, ends[1]);
    }
    close(ends[1]);
    // Counted in what was acknowledged, so that a slow machine is killed no earlier; the moment
    // after the last of them is anywhere within an append.
    const std::size_t enough = acknowledged.size() + 1 + chance() % 40;
    for (int name = 0;
         acknowledged.size() < enough && read(ends[0], &name, sizeof(name)) == sizeof(name);) {
      acknowledged.insert(name);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(chance() % 5000));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    for (int name = 0; read(ends[0], &name, sizeof(name)) == sizeof(name);) {
      acknowledged.insert(name);
    }
    close(ends[0]);
    ASSERT_GE(acknowledged.size(), enough);

    const auto journal = folder.Open();
    ASSERT_TRUE(journal.ok()) << journal.status();
    for (const int name : acknowledged) {
      ASSERT_EQ(*(*journal)->VersionOf(absl::StrCat("s/", name)), 1) << name;
    }
    // At most one append per thread was under way.
    EXPECT_LE((*journal)->Size(), std::ssize(acknowledged) + 4 * (round + 1));
    const auto checkpoint = (*journal)->Checkpoint();
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  }
  EXPECT_GT(acknowledged.size(), 100u);
}

}  // namespace
}  // namespace jit::testing
