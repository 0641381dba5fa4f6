#include "broker/sql/confinement.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jit::sql {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||
                            __has_feature(memory_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr rlim_t kProcessorSeconds = 20;
constexpr rlim_t kMemoryBytes = rlim_t{512} * 1024 * 1024;
constexpr rlim_t kFiles = 16;

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;  // no filter for this machine
#endif

bool Limit(__rlimit_resource what, rlim_t most) {
  const rlimit limit = {most, most};
  return setrlimit(what, &limit) == 0;
}

// Memory, time, threads waiting for one another, the two ends we talk through; and what the parser
// does to keep its own messages off stderr (a pipe put in its place for a while).
std::vector<std::uint32_t> AllowedCalls() {
  return {
    SYS_read, SYS_write, SYS_close, SYS_fcntl, SYS_pipe2, SYS_dup, SYS_dup3,
#if defined(SYS_pipe)
        SYS_pipe,
#endif
#if defined(SYS_dup2)
        SYS_dup2,
#endif
        SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_futex,
        SYS_sched_yield, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,
        SYS_clock_gettime, SYS_getrandom, SYS_exit, SYS_exit_group,
  };
}

sock_filter Load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

sock_filter SkipUnless(std::uint32_t value, std::uint8_t instructions) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, instructions);
}

sock_filter Answer(std::uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

}  // namespace

bool LimitProcess() {
  const bool own = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                   prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && Limit(RLIMIT_CORE, 0) &&
                   Limit(RLIMIT_CPU, kProcessorSeconds);
  return own && (kSanitized || (Limit(RLIMIT_AS, kMemoryBytes) && Limit(RLIMIT_NOFILE, kFiles) &&
                                Limit(RLIMIT_FSIZE, 0)));
}

bool ForbidCalls() {
  if (kSanitized || kArchitecture == 0) {
    return true;
  }
  // Calls of another architecture have other numbers: none of them is allowed.
  std::vector<sock_filter> program = {
      Load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      Answer(SECCOMP_RET_KILL_PROCESS),
      Load(offsetof(seccomp_data, nr)),
  };
  for (const std::uint32_t call : AllowedCalls()) {
    program.push_back(SkipUnless(call, 1));
    program.push_back(Answer(SECCOMP_RET_ALLOW));
  }
  // The allocator asks the kernel for its policy before it gives memory back, and can do without.
  program.push_back(SkipUnless(SYS_openat, 1));
  program.push_back(Answer(SECCOMP_RET_ERRNO | EACCES));
  program.push_back(Answer(SECCOMP_RET_KILL_PROCESS));
  const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

}  // namespace jit::sql
