#include "broker/development/child.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jit::development {
namespace {

constexpr std::chrono::milliseconds kPoll(10);

// Only what may be called between fork and exec. Ends the process when a step fails, so that
// nothing ever runs with more rights than ordered.
[[noreturn]] void BecomeChild(const ChildOrder& order, char* const* command, int log,
                              pid_t parent) {
  const bool drop = geteuid() == 0;
  const bool ready =
      dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0 &&
      (!drop || (setgroups(1, &order.account.gid) == 0 &&
                 setresgid(order.account.gid, order.account.gid, order.account.gid) == 0 &&
                 setresuid(order.account.uid, order.account.uid, order.account.uid) == 0)) &&
      chdir(order.folder.c_str()) == 0 &&
      // A session of its own: an interrupt typed at our terminal is for us, not for the child.
      setsid() >= 0 &&
      // After the change of account, which would clear it.
      prctl(PR_SET_PDEATHSIG, SIGINT) == 0 && getppid() == parent;
  if (ready) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    execv(command[0], command);
  }
  static constexpr char kFailed[] = "the program could not be started under its account\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kFailed, sizeof kFailed - 1);
  _exit(127);
}

}  // namespace

absl::StatusOr<Account> UnprivilegedAccount() {
  const uid_t self = geteuid();
  if (self != 0) {
    const passwd* entry = getpwuid(self);
    return Account{entry == nullptr ? "this account" : entry->pw_name, self, getegid()};
  }
  for (const char* name : {"postgres", "nobody"}) {
    const passwd* entry = getpwnam(name);
    if (entry != nullptr && entry->pw_uid != 0) {
      return Account{name, entry->pw_uid, entry->pw_gid};
    }
  }
  return absl::FailedPreconditionError(
      "there is neither an account postgres nor an account nobody");
}

absl::StatusOr<Child> Child::Start(const ChildOrder& order) {
  if (order.command.empty() || order.account.uid == 0) {
    return absl::InvalidArgumentError("a child needs a command and an account that is not root");
  }
  const int log = open(order.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot write ", order.log_path, ": ", strerror(errno)));
  }
  std::vector<std::string> words = order.command;
  std::vector<char*> command;
  for (std::string& word : words) {
    command.push_back(word.data());
  }
  command.push_back(nullptr);
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    BecomeChild(order, command.data(), log, self);
  }
  const int error = errno;
  close(log);
  if (pid < 0) {
    return absl::UnavailableError(absl::StrCat("cannot start a process: ", strerror(error)));
  }
  return Child(pid);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), exit_status_(other.exit_status_) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    Stop(absl::Seconds(5));
    pid_ = std::exchange(other.pid_, 0);
    exit_status_ = other.exit_status_;
  }
  return *this;
}

Child::~Child() {
  Stop(absl::Seconds(5));
}

bool Child::Running() {
  if (pid_ == 0) {
    return false;
  }
  const pid_t ended = waitpid(pid_, &exit_status_, WNOHANG);
  if (ended == pid_ || (ended < 0 && errno == ECHILD)) {
    pid_ = 0;
    return false;
  }
  return true;
}

absl::Status Child::Wait(absl::Duration patience) {
  for (absl::Duration waited; Running(); waited += absl::FromChrono(kPoll)) {
    if (waited >= patience) {
      return absl::DeadlineExceededError("the program did not end in time");
    }
    std::this_thread::sleep_for(kPoll);
  }
  if (WIFEXITED(exit_status_) && WEXITSTATUS(exit_status_) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError("the program ended with an error");
}

void Child::Stop(absl::Duration patience) {
  for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
    if (!Running()) {
      return;
    }
    kill(pid_, signal);
    for (absl::Duration waited; Running() && waited < patience; waited += absl::FromChrono(kPoll)) {
      std::this_thread::sleep_for(kPoll);
    }
  }
}

}  // namespace jit::development
