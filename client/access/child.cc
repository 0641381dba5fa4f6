#include "client/access/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/console/visible.h"

namespace jit::access {
namespace {

constexpr absl::Duration kLookLongest = absl::Minutes(1);
constexpr absl::Duration kLookWithoutHandle = absl::Milliseconds(100);

// SIGINT and SIGQUIT from the terminal are meant for the child; ours come back when this goes.
class TerminalSignalsIgnored {
 public:
  TerminalSignalsIgnored() {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &ignore, &interrupt_);
    sigaction(SIGQUIT, &ignore, &quit_);
  }
  ~TerminalSignalsIgnored() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
  }
  TerminalSignalsIgnored(const TerminalSignalsIgnored&) = delete;
  TerminalSignalsIgnored& operator=(const TerminalSignalsIgnored&) = delete;

 private:
  struct sigaction interrupt_ = {};
  struct sigaction quit_ = {};
};

std::vector<std::string> EnvironmentFor(const ChildSpec& spec) {
  std::vector<std::string> entries;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string name(*entry, std::strcspn(*entry, "="));
    const bool dropped = spec.environment.contains(name) || std::ranges::count(spec.without, name);
    if (!dropped) entries.emplace_back(*entry);
  }
  for (const auto& [name, value] : spec.environment) {
    entries.push_back(absl::StrCat(name, "=", value));
  }
  return entries;
}

// What execve wants: pointers into `texts`, which must stay.
std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(const ChildSpec& spec) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> arguments = spec.arguments;
  std::vector<std::string> environment = EnvironmentFor(spec);
  pid_t child = 0;
  const int error = posix_spawnp(&child, arguments[0].c_str(), nullptr, &attributes,
                                 PointersTo(arguments).data(), PointersTo(environment).data());
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrCat("cannot start ", console::Visible(arguments[0]), ": ", std::strerror(error)));
  }
  return child;
}

int StatusOf(int wait_status) {
  if (WIFSIGNALED(wait_status)) return 128 + WTERMSIG(wait_status);
  return WEXITSTATUS(wait_status);
}

}  // namespace

absl::StatusOr<int> RunChild(const ChildSpec& spec, console::Console& console,
                             const std::function<absl::Duration()>& look) {
  const TerminalSignalsIgnored ignored;
  const absl::StatusOr<pid_t> child = Spawn(spec);
  if (!child.ok()) return child.status();
  // Readable once the child has ended; a kernel without it is asked ten times a second.
  // By number: the header of glibc 2.36 cannot be used from C++.
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, *child, 0));
  bool told_to_stop = false;
  int wait_status = 0;
  while (::waitpid(*child, &wait_status, WNOHANG) == 0) {
    if (!told_to_stop && console.interrupted()) {
      told_to_stop = true;
      ::kill(*child, SIGTERM);
    }
    const absl::Duration pause = std::clamp(look(), absl::Milliseconds(10), kLookLongest);
    console.wait_readable(handle, handle < 0 ? std::min(pause, kLookWithoutHandle) : pause);
  }
  if (handle >= 0) ::close(handle);
  return StatusOf(wait_status);
}

}  // namespace jit::access
