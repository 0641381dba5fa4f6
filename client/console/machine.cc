#include "client/console/machine.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "absl/time/clock.h"

namespace jit::console {
namespace {

std::atomic<int> g_stops{0};  // lock-free, so a signal handler may touch it
static_assert(std::atomic<int>::is_always_lock_free);

void RememberStop(int signal) {
  if (g_stops.fetch_add(1) == 0) return;
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void CatchStops() {
  struct sigaction action = {};
  action.sa_handler = RememberStop;  // without SA_RESTART: a read at a prompt gives up
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  // A reader that has gone away shows as a failed write, not as sudden death.
  ::signal(SIGPIPE, SIG_IGN);
}

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Sink SinkOn(std::ostream& stream, int fd) {
  Sink sink{.stream = &stream};
  if (::isatty(fd) == 0) return sink;
  sink.terminal = Terminal::kYes;
  sink.color = !Environment("NO_COLOR").has_value() && Environment("TERM") != "dumb";
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    sink.width = std::max<int>(size.ws_col, 40);
  }
  return sink;
}

bool WaitReadable(int fd, absl::Duration time) {
  pollfd wanted = {.fd = fd, .events = POLLIN, .revents = 0};
  const absl::Duration bounded = std::clamp(time, absl::ZeroDuration(), absl::Hours(1));
  const int milliseconds = static_cast<int>(absl::ToInt64Milliseconds(bounded));
  return ::poll(&wanted, 1, milliseconds) > 0;
}

void FillFromMachine(std::span<std::uint8_t> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();
    filled += static_cast<std::size_t>(got);
  }
}

}  // namespace

Console MachineConsole() {
  CatchStops();
  return Console{
      .in = &std::cin,
      .in_terminal = ::isatty(STDIN_FILENO) != 0 ? Terminal::kYes : Terminal::kNo,
      .out = SinkOn(std::cout, STDOUT_FILENO),
      .err = SinkOn(std::cerr, STDERR_FILENO),
      .now = [] { return absl::Now(); },
      .wait_readable = WaitReadable,
      .entropy = FillFromMachine,
      .interrupted = [] { return g_stops.load() > 0; },
      .environment = Environment,
  };
}

}  // namespace jit::console
