// jit-sql-worker: reads one script from standard input, says on standard output what it is.
//
// Started by the broker (worker.h), never by a person. Both ways are framed as wire.h says. It
// gives up everything it does not need before it looks at the script, which may be made to break
// it.
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/sql/analyse.h"
#include "broker/sql/confinement.h"
#include "broker/sql/wire.h"

namespace {

constexpr std::size_t kStackBytes = std::size_t{64} * 1024 * 1024;
constexpr int kFailed = 70;

bool ReadExactly(std::size_t length, std::string& bytes) {
  bytes.resize(length);
  for (std::size_t have = 0; have < length;) {
    const ssize_t got = read(STDIN_FILENO, bytes.data() + have, length - have);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      return false;
    }
    have += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  return true;
}

bool WriteAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(put > 0 ? static_cast<std::size_t>(put) : 0);
  }
  return true;
}

// Ends the process: what the parser leaves behind is not worth tidying.
[[noreturn]] void* AnswerOneScript(void* /*unused*/) {
  std::string bytes;
  if (!jit::sql::ForbidCalls() || !ReadExactly(jit::sql::kFrameHeadBytes, bytes)) {
    _exit(kFailed);
  }
  const std::size_t length = jit::sql::FrameLength(bytes);
  if (length > jit::sql::kScriptBytesMax || !ReadExactly(length, bytes)) {
    _exit(kFailed);
  }
  const std::string answer = jit::sql::AnswerToBytes(jit::sql::Analyse(bytes));
  _exit(WriteAll(jit::sql::Framed(answer)) ? EXIT_SUCCESS : kFailed);
}

}  // namespace

int main() {
  pthread_attr_t attributes;
  pthread_t thread{};
  const bool started = jit::sql::LimitProcess() && pthread_attr_init(&attributes) == 0 &&
                       pthread_attr_setstacksize(&attributes, kStackBytes) == 0 &&
                       pthread_create(&thread, &attributes, AnswerOneScript, nullptr) == 0;
  if (!started) {
    return kFailed;
  }
  pthread_join(thread, nullptr);
  return kFailed;
}
