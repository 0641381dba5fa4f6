#include "broker/host/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "absl/strings/string_view.h"

namespace jit::host {
namespace {

absl::Status Fault(absl::string_view what) {
  return absl::ErrnoToStatus(errno, what);
}

constexpr bool kLeakCheckLooksInside =
#if defined(__SANITIZE_ADDRESS__)
    true;
#else
    false;
#endif

}  // namespace

absl::Status KeepMemoryPrivate() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    return Fault("core files could not be switched off");
  }
  if (!kLeakCheckLooksInside && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return Fault("the process could not be made undumpable");
  }
  return absl::OkStatus();
}

absl::Status RaiseOpenFilesLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return Fault("the limit of open files could not be read");
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return Fault("the limit of open files could not be raised");
  }
  return absl::OkStatus();
}

}  // namespace jit::host
