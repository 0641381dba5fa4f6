// What goes wrong outside of the broker, one day at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// How large a file the broker may write from now on: what a full disk looks like to a process.
void LimitFiles(Program& broker, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ASSERT_EQ(prlimit(broker.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
}

TEST(BadDays, OnAFullDiskNoLeaseOpensAndTheOpenOnesAreClosedAllTheSame) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start(Scene::As::kDev));
  const json lease = scene->Reader("10s");
  ASSERT_TRUE(scene->CanLogIn(lease));
  // The journal's log may not grow; the broker's own log, which is smaller, may.
  LimitFiles(scene->broker(),
             static_cast<rlim_t>(std::filesystem::file_size(scene->folder() + "/journal.db-wal")));

  const Said refused = scene->By("engineer", {"jit-access", "request", "--target", "shop", "--role",
                                              "reader", "--reason", "on a full disk"});
  EXPECT_EQ(refused.status, 1) << refused.out << refused.err;
  EXPECT_TRUE(Comes([&] { return !scene->CanLogIn(lease); }));
  EXPECT_TRUE(Comes([&] { return scene->Logins().empty(); }))
      << "a journal that takes nothing must not keep a login alive";

  EXPECT_TRUE(Comes([&] {
    return scene->BrokerLog().find("it is taken away all the same") != std::string::npos;
  }));

  // There is room again. What could not be recorded is recorded: by this process, or by the next
  // one where the disk left it unknown what was written, which the log says.
  LimitFiles(scene->broker(), RLIM_INFINITY);
  Comes([&] {
    return scene->BrokerLog().find("until the broker is started again") != std::string::npos ||
           scene->StateOf(lease["lease"]) == "closed";
  });
  if (scene->StateOf(lease["lease"]) != "closed") {
    scene->Terminate();
    ASSERT_TRUE(scene->Start(Scene::As::kDev));
  }
  EXPECT_TRUE(Comes([&] { return scene->StateOf(lease["lease"]) == "closed"; }));
  EXPECT_EQ(scene->Reader().value("state", ""), "open");
  scene->ExportedJournal();
}

TEST(BadDays, ATargetThatIsAwayIsSaidToBeAndItsLeasesAreClosedWhenItIsBack) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start(Scene::As::kDev));
  const json lease = scene->Reader("10s");
  ASSERT_EQ(lease.value("state", ""), "open");
  ASSERT_TRUE(scene->postgres().Stop(testing::PrivatePostgres::StopMode::kImmediate).ok());

  // Somebody asks at the wrong moment; what becomes of that is settled when the target is back.
  const std::unique_ptr<Program> asking =
      scene->Begin("engineer", {"jit-access", "request", "--target", "shop", "--role", "reader",
                                "--ttl", "10m", "--reason", "the target is away"});
  EXPECT_TRUE(Comes(
      [&] { return scene->BrokerLog().find("the target cannot be swept") != std::string::npos; }));
  Pause(std::chrono::seconds(10));  // past the deadline
  ASSERT_TRUE(scene->postgres().Resume().ok());
  EXPECT_TRUE(Comes([&] { return scene->StateOf(lease["lease"]) == "closed"; }));
  EXPECT_FALSE(scene->CanLogIn(lease));
  EXPECT_TRUE(Comes([&] { return scene->Reader().value("state", "") == "open"; }));
}

TEST(BadDays, AnotherClusterUnderTheSameAddressGetsNoLogin) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  const std::string boot = scene->ReadFile("broker.toml");
  scene->WriteFile("broker.toml", boot + "system_identifier = \"1234567890123456789\"\n");
  ASSERT_TRUE(scene->Start());
  const Said refused = scene->By("engineer", {"jit-access", "request", "--target", "shop", "--role",
                                              "reader", "--reason", "on the wrong cluster"});
  EXPECT_EQ(refused.status, 3) << refused.out << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("target_not_ready"));
  EXPECT_EQ(scene->Sql("select count(*) from pg_roles where rolname ~ '^jit_[a-z2-7]{26}$'"), "0");
}

TEST(BadDays, ALoginThatABackupBroughtBackIsTakenAway) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const json lease = scene->Reader("10m");
  ASSERT_EQ(lease.value("state", ""), "open");
  auto backup = scene->postgres().Clone();
  ASSERT_TRUE(backup.ok()) << backup.status();
  ASSERT_TRUE(Comes([&] {
    return scene->By("engineer", {"jit-access", "end", lease["lease"]}).status == 0;
  }));
  ASSERT_TRUE(Comes([&] { return scene->StateOf(lease["lease"]) == "closed"; }));

  // The restored cluster takes the place of the first one.
  const int before = scene->postgres().port();
  const int after = (*backup)->port();
  std::string boot = scene->ReadFile("broker.toml");
  const std::string port = "port = " + std::to_string(before);
  boot.replace(boot.find(port), port.size(), "port = " + std::to_string(after));
  scene->WriteFile("broker.toml", boot);
  json old = lease;
  old["port"] = after;
  ASSERT_TRUE(scene->CanLogIn(old)) << "the backup knows the login and its password";
  scene->Terminate();
  ASSERT_TRUE(scene->Start());
  EXPECT_TRUE(Comes([&] { return !scene->CanLogIn(old); }));
}

}  // namespace
}  // namespace jit::end_to_end
