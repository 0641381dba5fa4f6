// The daemon as a service manager and an operator meet it: start, restart, stop, reload, check.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Daemon, LeasesOutliveARestartAndEndAtTheirDeadlineWithIt) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start(Scene::As::kDev));
  const json lasting = scene->Reader("10m");
  const json brief = scene->Reader("10s");
  ASSERT_EQ(lasting.value("state", ""), "open") << lasting;
  ASSERT_TRUE(scene->CanLogIn(brief));
  const std::unique_ptr<Program> session = scene->BeginPsql(brief, "select pg_sleep(600)");

  scene->Kill();
  EXPECT_TRUE(scene->CanLogIn(lasting)) << "a broker that is away takes nothing away";
  ASSERT_TRUE(scene->Start(Scene::As::kDev));

  const auto cut = session->Wait(std::chrono::seconds(30));
  ASSERT_TRUE(cut.has_value()) << "the session outlived its lease";
  EXPECT_NE(cut->status, 0);
  EXPECT_TRUE(Comes([&] { return scene->Logins().size() == 1; }));
  EXPECT_FALSE(scene->CanLogIn(brief));
  EXPECT_TRUE(scene->CanLogIn(lasting));
  EXPECT_EQ(scene->Terminate().status, 0);
  EXPECT_TRUE(scene->CanLogIn(lasting));
}

TEST(Daemon, ADeadlineThatPassedWhileNoBrokerRanIsKeptByTheTargetAndClearedByTheNextStart) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start(Scene::As::kDev));
  const json lease = scene->Reader("10s");
  ASSERT_TRUE(scene->CanLogIn(lease));
  scene->Kill();
  EXPECT_TRUE(Comes([&] { return !scene->CanLogIn(lease); }))
      << "the login carries its own end and needs no broker for it";
  ASSERT_TRUE(scene->Start(Scene::As::kDev));
  EXPECT_TRUE(Comes([&] { return scene->Logins().empty(); }));
  EXPECT_TRUE(Comes([&] { return scene->StateOf(lease["lease"]) == "closed"; }));
}

TEST(Daemon, StopsWithinItsTimeWhileSomebodyWaits) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const std::unique_ptr<Program> waiting =
      scene->Begin("engineer", {"jit-access", "request", "--target", "shop", "--role", "writer",
                                "--reason", "somebody who waits"});
  ASSERT_TRUE(Comes([&] { return waiting->out().find("lease") != std::string::npos; }));
  const auto begin = std::chrono::steady_clock::now();
  const Said ended = scene->Terminate();
  EXPECT_EQ(ended.status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
  EXPECT_THAT(ended.err, HasSubstr("\"message\":\"stopped\""));
}

TEST(Daemon, APolicyWithAMistakeIsNotTakenAndTheMistakeIsInTheLog) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const std::string good = scene->ReadFile("policies/shop.toml");
  scene->WriteFile("policies/shop.toml", good + "\n[roles.owner]\naccess = \"everything\"\n");
  scene->broker().Signal(SIGHUP);
  ASSERT_TRUE(Comes(
      [&] { return scene->BrokerLog().find("the old one stays in force") != std::string::npos; }));
  EXPECT_THAT(scene->BrokerLog(), HasSubstr("shop.toml:"));
  EXPECT_EQ(scene->Reader().value("state", ""), "open") << "the old policy is in force";

  const Said told = scene->By("oncall", {"jit-broker", "policy", "reload"});
  EXPECT_EQ(told.status, 3);
  EXPECT_THAT(told.err, HasSubstr("shop.toml:"));
  EXPECT_EQ(scene->By("engineer", {"jit-broker", "policy", "reload"}).status, 3)
      << "only an operator may";

  // Mended, with a reader's longest time cut down: that is in force from the next call on.
  std::string mended = good;
  mended.replace(mended.find("longest = \"4h\""), 14, "longest = \"5m\"");
  const std::size_t rule = mended.find("longest = \"4h\"");
  mended.replace(rule, 14, "longest = \"5m\"");
  mended.replace(mended.find("default = \"30m\""), 15, "default = \"5m\"");
  scene->WriteFile("policies/shop.toml", mended);
  scene->broker().Signal(SIGHUP);
  EXPECT_TRUE(Comes([&] { return !scene->Reader("10m").is_object(); }));
  EXPECT_EQ(scene->Reader("5m").value("state", ""), "open");
}

TEST(Daemon, TurnsAwayADeniedCertificateWithoutARestart) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  ASSERT_EQ(scene->By("peer", {"jit-access", "whoami"}).status, 0);
  scene->WriteFile("denied.txt", "identity jit://demo/peer\n");
  scene->broker().Signal(SIGHUP);
  ASSERT_TRUE(Comes([&] { return scene->By("peer", {"jit-access", "whoami"}).status == 3; }));
  EXPECT_THAT(scene->By("peer", {"jit-access", "whoami"}).err, HasSubstr("revoked_certificate"));
  EXPECT_EQ(scene->By("engineer", {"jit-access", "whoami"}).status, 0);
}

TEST(Daemon, ASecondBrokerDoesNotTouchTheJournalOfTheFirst) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const Said second =
      RunProgram({Scene::ProgramPath("jit-broker"), "serve", "--config", scene->boot_file()}, {},
                 scene->folder());
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("journal"));
  EXPECT_EQ(scene->Reader().value("state", ""), "open") << "the first one serves on";
}

TEST(Daemon, ChecksEverythingAndChangesNothing) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  const Words check = {Scene::ProgramPath("jit-broker"), "check", "--config", scene->boot_file()};
  const Said good = RunProgram(check, {}, scene->folder());
  EXPECT_EQ(good.status, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("target shop"));

  std::filesystem::permissions(scene->folder() + "/broker.key", std::filesystem::perms(0644));
  scene->WriteFile("denied.txt", "nonsense\n");
  const std::string policy = scene->ReadFile("policies/shop.toml");
  scene->WriteFile("policies/shop.toml", policy + "\nnonsense = 1\n");
  const Said bad = RunProgram(check, {}, scene->folder());
  EXPECT_EQ(bad.status, 3);
  EXPECT_THAT(bad.out, AllOf(HasSubstr("broker.key"), HasSubstr("denied.txt: line 1"),
                             HasSubstr("shop.toml:")));
  std::filesystem::permissions(scene->folder() + "/broker.key", std::filesystem::perms(0600));
}

TEST(Daemon, SaysEverythingThatIsWrongWithItsBootFile) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  scene->WriteFile("broker.toml", "journal = 7\npasword = \"hunter2\"\n");
  const Said said =
      RunProgram({Scene::ProgramPath("jit-broker"), "serve", "--config", scene->boot_file()}, {},
                 scene->folder());
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.err, AllOf(HasSubstr("broker.toml:1:"), HasSubstr("broker.toml:2:1:"),
                              HasSubstr("needs 'tls'"), Not(HasSubstr("hunter2"))));
}

TEST(Daemon, TheJournalOfAStoppedBrokerIsExportedFromItsFile) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  ASSERT_EQ(scene->Reader().value("state", ""), "open");
  scene->Terminate();
  const std::string file = scene->folder() + "/stopped.jsonl";
  const Said exported = RunProgram({Scene::ProgramPath("jit-broker"), "journal", "export",
                                    "--config", scene->boot_file(), "--out", file},
                                   {}, scene->folder());
  ASSERT_EQ(exported.status, 0) << exported.err;
  const Said verified = RunProgram({Scene::ProgramPath("jit-audit"), "verify", file, "--key",
                                    "@" + scene->folder() + "/broker.vkey"},
                                   {}, scene->folder());
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace jit::end_to_end
