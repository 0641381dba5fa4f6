#include "broker/development/free_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

namespace jit::development {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Listens as PostgreSQL and the broker do.
int Listen(int port) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = Loopback(port);
  EXPECT_EQ(bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(listen(server, 1), 0);
  return server;
}

TEST(FreePort, IsNoneThatAnOutgoingConnectionCouldBeGiven) {
  const absl::StatusOr<int> port = FreePort();
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_GT(*port, 1024);
  EXPECT_LT(*port, 32'768);
}

TEST(FreePort, IsAnotherOneWhereSomebodyListens) {
  const int taken = *FreePort();
  const int server = Listen(taken);
  const absl::StatusOr<int> port = FreePort(taken);
  EXPECT_TRUE(port.ok()) << port.status();
  EXPECT_NE(*port, taken);
  close(server);
}

TEST(FreePort, IsTheWantedOneWhileConnectionsOfItsLastServerLinger) {
  const int wanted = *FreePort();
  const int server = Listen(wanted);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(wanted);
  ASSERT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const int accepted = accept(server, nullptr, nullptr);
  ASSERT_GE(accepted, 0);
  // Whoever closes first keeps the port in TIME_WAIT.
  close(accepted);
  char byte = 0;
  EXPECT_EQ(read(client, &byte, 1), 0);
  close(client);
  close(server);
  EXPECT_EQ(*FreePort(wanted), wanted);
}

}  // namespace
}  // namespace jit::development
