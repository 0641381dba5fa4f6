#include "broker/sql/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "broker/sql/spacing.h"
#include "broker/sql/wire.h"

namespace jit::sql {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  int number() const { return number_; }

 private:
  int number_;
};

absl::Status Fault(absl::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("the parser cannot be started: ", what, ": ", strerror(errno)));
}

// A process that is ended and collected when this goes.
class Process {
 public:
  static absl::StatusOr<Process> Start(const std::string& program, const Descriptor& theirs);
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

// How the child begins: our end of the socket as input and output, no other file, no signal masked
// or ignored.
class Beginning {
 public:
  explicit Beginning(int socket) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files_, socket, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;
  ~Beginning() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

absl::StatusOr<Process> Process::Start(const std::string& program, const Descriptor& theirs) {
  const Beginning beginning(theirs.number());
  std::string name = program;
  const std::array<char*, 2> words = {name.data(), nullptr};
  const std::array<char*, 1> environment = {nullptr};
  pid_t pid = 0;
  errno = posix_spawn(&pid, program.c_str(), beginning.files(), beginning.attributes(),
                      words.data(), environment.data());
  if (errno != 0) {
    return Fault(program);
  }
  return Process(pid);
}

// Becomes readable after `limit`; nobody has to know what time it is.
absl::StatusOr<Descriptor> TimerOf(absl::Duration limit) {
  Descriptor timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec span{};
  span.it_value = absl::ToTimespec(std::max(limit, absl::Nanoseconds(1)));
  if (timer.number() < 0 || timerfd_settime(timer.number(), 0, &span, nullptr) != 0) {
    return Fault("timer");
  }
  return timer;
}

absl::Status NotUnderstood(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the parser could not understand this script (", why, ")"));
}

// One question and one answer over the socket.
class Conversation {
 public:
  Conversation(int socket, int timer, absl::string_view question)
      : socket_(socket), timer_(timer), question_(Framed(question)) {}

  // The answer's bytes; kInvalidArgument when it does not come in time, or not whole.
  absl::StatusOr<std::string> Hold() {
    while (!IsWhole()) {
      const bool asking = asked_ < question_.size();
      std::array<pollfd, 2> ready = {
          pollfd{socket_, static_cast<short>(asking ? POLLIN | POLLOUT : POLLIN), 0},
          pollfd{timer_, POLLIN, 0}};
      if (poll(ready.data(), ready.size(), -1) < 0) {
        if (errno == EINTR) {
          continue;
        }
        return Fault("poll");
      }
      if (ready[1].revents != 0) {
        return NotUnderstood("it took too long");
      }
      if ((ready[0].revents & POLLOUT) != 0) {
        Ask();
      }
      if ((ready[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !Listen()) {
        return NotUnderstood("it crashed");
      }
    }
    return answer_.substr(kFrameHeadBytes);
  }

 private:
  bool IsWhole() const {
    return answer_.size() >= kFrameHeadBytes &&
           answer_.size() >= kFrameHeadBytes + FrameLength(answer_);
  }

  void Ask() {
    const ssize_t sent = send(socket_, question_.data() + asked_, question_.size() - asked_,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      asked_ += static_cast<std::size_t>(sent);
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      asked_ = question_.size();  // it is gone; what it left is still to be read
    }
  }

  // False when nothing more will come, or more than an answer has.
  bool Listen() {
    std::array<char, 65536> bytes;
    const ssize_t received = recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (received < 0) {
      return errno == EAGAIN || errno == EINTR;
    }
    answer_.append(bytes.data(), static_cast<std::size_t>(received));
    return received > 0 && answer_.size() <= kFrameHeadBytes + kAnswerBytesMax;
  }

  int socket_;
  int timer_;
  std::string question_;
  std::size_t asked_ = 0;
  std::string answer_;
};

}  // namespace

absl::StatusOr<Script> Worker::Read(absl::string_view script, absl::Duration limit) const {
  if (script.size() > kScriptBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a script has at most ", kScriptBytesMax, " bytes"));
  }
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Fault("socket");
  }
  const Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  const absl::StatusOr<Descriptor> timer = TimerOf(limit);
  if (!timer.ok()) {
    return timer.status();
  }
  const absl::StatusOr<Process> process = Process::Start(program_, theirs);
  if (!process.ok()) {
    return process.status();
  }
  theirs = Descriptor(-1);  // so that its end is the end of the answer
  const absl::StatusOr<std::string> bytes =
      Conversation(ours.number(), timer->number(), script).Hold();
  if (!bytes.ok()) {
    return bytes.status();
  }
  absl::StatusOr<Script> answer = AnswerFromBytes(*bytes);
  const bool garbage = answer.ok() ? !Covers(*answer, script) : absl::IsDataLoss(answer.status());
  return garbage ? NotUnderstood("its answer was garbage") : std::move(answer);
}

}  // namespace jit::sql
