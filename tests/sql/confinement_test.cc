// Looks from inside: what a script that has taken the worker over could still do.
#include "broker/sql/confinement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

namespace jit::sql {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // which keeps its calls
#else
constexpr bool kSanitized = false;
#endif

// Ends with 0 when `attempt` gives true in a confined process.
template <class Attempt>
[[noreturn]] void Confined(Attempt attempt) {
  const bool ready = LimitProcess() && ForbidCalls();
  _exit(ready ? (attempt() ? 0 : 1) : 2);
}

TEST(ConfinementDeathTest, ComputingAndItsOwnEndsAreLeft) {
  EXPECT_EXIT(Confined([] {
                const std::string much(std::size_t{32} * 1024 * 1024, 'x');
                return write(STDERR_FILENO, "", 0) == 0 && much.back() == 'x';
              }),
              ::testing::ExitedWithCode(0), "");
}

TEST(ConfinementDeathTest, NoFileCanBeOpened) {
  if (kSanitized) {
    GTEST_SKIP() << "sanitizers keep their calls";
  }
  EXPECT_EXIT(Confined([] { return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES; }),
              ::testing::ExitedWithCode(0), "");
}

TEST(ConfinementDeathTest, NeitherNetworkNorPrograms) {
  if (kSanitized) {
    GTEST_SKIP() << "sanitizers keep their calls";
  }
  EXPECT_EXIT(Confined([] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }),
              ::testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(Confined([] { return execl("/bin/true", "true", nullptr) == 0; }),
              ::testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(Confined([] { return fork() >= 0; }), ::testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(Confined([] { return kill(getppid(), 0) == 0; }), ::testing::KilledBySignal(SIGSYS),
              "");
}

TEST(ConfinementDeathTest, NoCoreIsLeft) {
  EXPECT_EXIT(
      {
        const bool limited = LimitProcess();
        rlimit core{};
        getrlimit(RLIMIT_CORE, &core);
        _exit(limited && core.rlim_max == 0 ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace jit::sql
