#include "broker/development/private_cluster.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"

namespace jit::development {
namespace {

class PrivateClusterTest : public testing::Test {
 protected:
  PrivateClusterTest() {
    std::string pattern = "/tmp/jit-cluster-XXXXXX";
    place_ = mkdtemp(pattern.data());
    std::filesystem::permissions(place_, std::filesystem::perms(0711));
  }
  ~PrivateClusterTest() override { std::filesystem::remove_all(place_); }

  std::string Ask(int port, const std::string& password, const std::string& query) {
    const std::string conninfo = absl::StrCat(
        "host=127.0.0.1 dbname=postgres user=", std::string(PrivateCluster::kAdministrator),
        " port=", port, " password=", password);
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()),
                                                                  PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK) {
      return PQerrorMessage(connection.get());
    }
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), query.c_str()), PQclear);
    return PQntuples(result.get()) == 1 ? PQgetvalue(result.get(), 0, 0) : "";
  }

  std::string place_;
  const credential::Secret password_{"correct-horse"};
};

TEST_F(PrivateClusterTest, ServesItsAdministratorAndNobodyWithoutThePassword) {
  const Folder folder = *Folder::Open(place_);
  absl::StatusOr<PrivateCluster> cluster =
      PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_EQ(Ask(cluster->port(), "correct-horse", "select 'in'"), "in");
  EXPECT_NE(Ask(cluster->port(), "wrong", "select 'in'"), "in");
  EXPECT_EQ(Ask(cluster->port(), "correct-horse", "show listen_addresses"), "127.0.0.1");
}

TEST_F(PrivateClusterTest, NeverRunsAsRoot) {
  const Folder folder = *Folder::Open(place_);
  absl::StatusOr<PrivateCluster> cluster =
      PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  struct stat status {};
  ASSERT_EQ(stat(folder.PathOf("postgres/PG_VERSION").c_str(), &status), 0);
  EXPECT_NE(status.st_uid, 0U);
}

TEST_F(PrivateClusterTest, KeepsWhatWasWrittenAndItsPortForTheNextStart) {
  const Folder folder = *Folder::Open(place_);
  int port = 0;
  {
    absl::StatusOr<PrivateCluster> first =
        PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""});
    ASSERT_TRUE(first.ok()) << first.status();
    port = first->port();
    Ask(port, "correct-horse", "create table kept as select 42 as answer");
  }
  const credential::Secret other("of no importance on the second start");
  absl::StatusOr<PrivateCluster> second =
      PrivateCluster::Start({.folder = folder, .administrator = other, .bin = ""});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->port(), port);
  EXPECT_EQ(Ask(port, "correct-horse", "select answer from kept"), "42");
}

TEST_F(PrivateClusterTest, ASecondOwnerOfTheFolderIsTurnedAway) {
  const Folder folder = *Folder::Open(place_);
  absl::StatusOr<PrivateCluster> first =
      PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""});
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second =
      PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_EQ(Ask(first->port(), "correct-horse", "select 'still in'"), "still in");
}

TEST_F(PrivateClusterTest, StopsWhenItsOwnerIsKilled) {
  const Folder folder = *Folder::Open(place_);
  int ports[2];
  ASSERT_EQ(pipe(ports), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    absl::StatusOr<PrivateCluster> cluster =
        PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""});
    const int port = cluster.ok() ? cluster->port() : 0;
    if (write(ports[1], &port, sizeof port) == sizeof port) {
      pause();
    }
    _exit(1);
  }
  int port = 0;
  ASSERT_EQ(read(ports[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  ASSERT_EQ(Ask(port, "correct-horse", "select 'in'"), "in");
  ASSERT_EQ(kill(owner, SIGKILL), 0);
  ASSERT_EQ(waitpid(owner, nullptr, 0), owner);
  bool gone = false;
  for (int i = 0; i < 500 && !gone; ++i) {
    gone = !std::filesystem::exists(folder.PathOf("postgres/postmaster.pid"));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(gone);
  close(ports[0]);
  close(ports[1]);
}

TEST_F(PrivateClusterTest, SaysWhichFolderTheServerCannotPassThrough) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root starts servers under another account";
  }
  std::filesystem::create_directory(place_ + "/closed");
  std::filesystem::permissions(place_ + "/closed", std::filesystem::perms(0700));
  const Folder folder = *Folder::Open(place_ + "/closed/inside");
  const absl::Status refused =
      PrivateCluster::Start({.folder = folder, .administrator = password_, .bin = ""}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_NE(std::string(refused.message()).find(place_ + "/closed:"), std::string::npos) << refused;
}

}  // namespace
}  // namespace jit::development
