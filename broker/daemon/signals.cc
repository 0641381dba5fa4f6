#include "broker/daemon/signals.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

namespace jit::daemon {
namespace {

sigset_t Held() {
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&held, signal);
  }
  return held;
}

extern "C" void EndNow(int) {
  _exit(0);
}

}  // namespace

void HoldSignals() {
  const sigset_t held = Held();
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

Wish AwaitWish() {
  const sigset_t held = Held();
  for (;;) {
    int signal = 0;
    if (sigwait(&held, &signal) == 0) {
      return signal == SIGHUP ? Wish::kReload : Wish::kStop;
    }
  }
}

void EndAfter(absl::Duration patience) {
  std::signal(SIGALRM, EndNow);
  const itimerval when{.it_interval = {}, .it_value = absl::ToTimeval(patience)};
  setitimer(ITIMER_REAL, &when, nullptr);
}

}  // namespace jit::daemon
