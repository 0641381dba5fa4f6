#include "tests/target_postgres/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

namespace jit::testing {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// False when that side has ended.
bool Move(int from, int to) {
  char buffer[65536];
  const ssize_t n = read(from, buffer, sizeof buffer);
  if (n <= 0) return false;
  return to < 0 || send(to, buffer, static_cast<std::size_t>(n), MSG_NOSIGNAL) == n;
}

}  // namespace

Proxy::Proxy(int backend_port) : backend_port_(backend_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      listen(listener_, 64) == 0 &&
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port_ = ntohs(address.sin_port);
  }
  thread_ = std::thread([this] { Loop(); });
}

Proxy::~Proxy() {
  over_ = true;
  thread_.join();
  for (const auto& [client, server] : wires_) {
    close(client);
    close(server);
  }
  close(listener_);
}

void Proxy::CutAll() {
  cut_ = true;
  while (cut_) std::this_thread::yield();
}

void Proxy::Loop() {
  while (!over_) {
    std::vector<pollfd> waiting = {{listener_, POLLIN, 0}};
    for (const auto& [client, server] : wires_) {
      waiting.push_back({client, POLLIN, 0});
      waiting.push_back({server, POLLIN, 0});
    }
    if (mode_ == Mode::kHold) {
      poll(nullptr, 0, 5);
      continue;
    }
    poll(waiting.data(), waiting.size(), 5);
    std::size_t at = 1;
    for (auto wire = wires_.begin(); wire != wires_.end(); at += 2) {
      bool alive = !cut_;
      if (alive && waiting[at].revents != 0) alive = Move(wire->first, wire->second);
      if (alive && waiting[at + 1].revents != 0) {
        alive = Move(wire->second, mode_ == Mode::kLoseAnswers ? -1 : wire->first);
      }
      if (alive) {
        ++wire;
        continue;
      }
      close(wire->first);
      close(wire->second);
      wire = wires_.erase(wire);
    }
    cut_ = false;
    if (waiting[0].revents == 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(backend_port_);
    if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      close(client);
      close(server);
    } else {
      wires_.emplace_back(client, server);
    }
  }
}

}  // namespace jit::testing
