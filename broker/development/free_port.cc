#include "broker/development/free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"

namespace jit::development {
namespace {

constexpr int kFirst = 12'000;
constexpr int kLast = 32'000;  // the kernel's own begin at 32768 unless somebody changed that
constexpr int kAttempts = 200;

// A socket bound to this port as a server would take it: SO_REUSEADDR lets it share the port with
// what lingers (socket(7)). Answers with the port it was given, or with nothing when it is taken.
absl::StatusOr<std::optional<int>> Bind(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return absl::UnavailableError(absl::StrCat("no socket: ", strerror(errno)));
  const int on = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(probe);
  if (!bound) return std::nullopt;
  return ntohs(address.sin_port);
}

// The kernel gives port 0 a place at random among its own; the same place among ours.
absl::StatusOr<int> AnyOfOurs() {
  const absl::StatusOr<std::optional<int>> theirs = Bind(0);
  if (!theirs.ok()) return theirs.status();
  if (!theirs->has_value()) return absl::UnavailableError("no free port on 127.0.0.1");
  return kFirst + **theirs % (kLast - kFirst);
}

}  // namespace

absl::StatusOr<int> FreePort(std::optional<int> wanted) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    absl::StatusOr<int> candidate = AnyOfOurs();
    if (attempt == 0 && wanted.has_value()) candidate = *wanted;
    if (!candidate.ok()) return candidate.status();
    const absl::StatusOr<std::optional<int>> bound = Bind(*candidate);
    if (!bound.ok()) return bound.status();
    if (bound->has_value()) return **bound;
  }
  return absl::UnavailableError("no free port on 127.0.0.1");
}

}  // namespace jit::development
