// Programs run beside us, under an account without privileges.
//
// Promises: never runs anything as root; a child ends when we do, however we end (parent-death
// signal); no shell is involved. Start children from the main thread: the parent-death signal is
// bound to the thread that made the child.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace jit::development {

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

// Ourselves, unless we are root: then `postgres`, or `nobody` where that account is missing.
absl::StatusOr<Account> UnprivilegedAccount();

struct ChildOrder {
  std::vector<std::string> command;  // argv; the first is an absolute path
  Account account;
  std::string folder;    // working directory
  std::string log_path;  // stdout and stderr are appended here
};

// A running child. Ends it, with the signal for a quick stop, when it goes. Movable, not copyable.
class Child {
 public:
  static absl::StatusOr<Child> Start(const ChildOrder& order);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  // Whether it still runs; collects its exit status once.
  bool Running();
  // Waits for the end; kDeadlineExceeded after `patience`, kFailedPrecondition when it ended badly.
  absl::Status Wait(absl::Duration patience);
  // SIGINT, then SIGQUIT after `patience`, then SIGKILL. Harmless to repeat.
  void Stop(absl::Duration patience);

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;  // 0: ended and collected
  int exit_status_ = 0;
};

}  // namespace jit::development
