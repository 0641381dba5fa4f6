#include "broker/daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_replace.h"

namespace jit::daemon {
namespace {

using testing::HasSubstr;

constexpr char kGood[] = R"(listen = "127.0.0.1:7420"
journal = "journal.db"
policy = "/etc/policy"

[tls]
certificate = "server.pem"
key = "credential:server.key"
client_authorities = "people.pem"

[checkpoints]
name = "jit-access/test"
key = "checkpoint.key"

[[targets]]
name = "shop"
host = "db.internal"
database = "shop"
user = "jit_broker"
password_file = "shop.password"
)";

absl::StatusOr<Config> Parse(const std::string& text) {
  return ParseConfig("broker.toml", text, "/etc/jit-access", "/run/credentials/jit");
}

// The message of a boot file in which one piece of text was replaced.
std::string Refused(const std::string& from, const std::string& to) {
  const absl::StatusOr<Config> config =
      Parse(absl::StrReplaceAll(std::string(kGood), {{from, to}}));
  EXPECT_FALSE(config.ok()) << "accepted " << to;
  return std::string(config.status().message());
}

TEST(Config, CountsPathsFromItsOwnFolderAndFillsInWhatIsLeftOut) {
  const absl::StatusOr<Config> config = Parse(kGood);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->journal, "/etc/jit-access/journal.db");
  EXPECT_EQ(config->policy, "/etc/policy");
  EXPECT_EQ(config->tls.key, "/run/credentials/jit/server.key");
  EXPECT_EQ(config->tls.deny_list, "");
  EXPECT_EQ(config->checkpoint_every, absl::Seconds(60));
  ASSERT_EQ(config->targets.size(), 1U);
  const TargetConfig& shop = config->targets[0];
  EXPECT_EQ(shop.port, 5432);
  EXPECT_EQ(shop.sslmode, "verify-full");
  EXPECT_EQ(shop.advertised_host, "db.internal");
  EXPECT_EQ(shop.advertised_port, 5432);
}

TEST(Config, TheExampleThatIsShippedIsGood) {
  std::ifstream file(JIT_SOURCE_DIR "/deploy/systemd/broker.toml");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const absl::StatusOr<Config> config = Parse(text);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->targets.size(), 1U);
}

TEST(Config, TellsEveryMistakeAtOnceWithItsPlace) {
  const std::string message = Refused("user = \"jit_broker\"\npassword_file = \"shop.password\"",
                                      "usr = \"jit_broker\"\nport = 70000\nsslmode = \"prefer\"");
  EXPECT_THAT(message, HasSubstr("broker.toml:18:1: 'usr' is no key of a target"));
  EXPECT_THAT(message, HasSubstr("broker.toml:19:8: 'port' of a target must be a whole number"));
  EXPECT_THAT(message, HasSubstr("broker.toml:20:11: 'sslmode' of a target must be"));
  EXPECT_THAT(message, HasSubstr("broker.toml:14:1: a target needs 'user'"));
}

TEST(Config, HasNoKeyForAPassword) {
  EXPECT_THAT(
      Refused("password_file = \"shop.password\"", "password = \"hunter2\""),
      testing::AllOf(HasSubstr("'password' is no key"), testing::Not(HasSubstr("hunter2"))));
}

TEST(Config, RefusesPlainTextToAnotherMachine) {
  EXPECT_THAT(Refused("user = \"jit_broker\"", "user = \"jit_broker\"\nsslmode = \"disable\""),
              HasSubstr("without TLS the target must be on this machine"));
  EXPECT_TRUE(Parse(absl::StrReplaceAll(std::string(kGood),
                                        {{"db.internal", "/run/postgresql"},
                                         {"user = ", "sslmode = \"disable\"\nuser = "}}))
                  .ok());
}

TEST(Config, RefusesTwoTargetsOfOneName) {
  EXPECT_THAT(Refused("[checkpoints]", R"([[targets]]
name = "shop"
host = "elsewhere"
database = "shop"
user = "jit_broker"

[checkpoints])"),
              HasSubstr("there is another target of this name"));
}

TEST(Config, RefusesAnAddressWithoutAPort) {
  EXPECT_THAT(Refused("127.0.0.1:7420", "127.0.0.1"),
              HasSubstr("broker.toml:1:10: 'listen' is an address and a port"));
}

TEST(Config, RefusesACredentialThatClimbsOutOfItsFolder) {
  EXPECT_THAT(Refused("credential:server.key", "credential:../server.key"),
              HasSubstr("a credential's name has no slash"));
}

TEST(Config, SaysSoWhenThereIsNoCredentialsFolder) {
  const absl::StatusOr<Config> config = ParseConfig("broker.toml", kGood, "/etc", "");
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("$CREDENTIALS_DIRECTORY"));
}

TEST(Config, SaysWhereItIsNotToml) {
  EXPECT_THAT(Refused("[tls]", "[tls"), HasSubstr("broker.toml:5:"));
}

TEST(Config, AMissingFileIsNamed) {
  EXPECT_THAT(std::string(ReadConfig("/nowhere/broker.toml").status().message()),
              HasSubstr("/nowhere/broker.toml"));
}

TEST(Config, TakesThePasswordWithoutTheNewlineAndOnlyFromAPrivateFile) {
  const std::string path = testing::TempDir() + "jit-password";
  std::ofstream(path) << "correct horse\n";
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  const absl::StatusOr<credential::Secret> password = ReadPassword(path);
  ASSERT_TRUE(password.ok()) << password.status();
  EXPECT_EQ(password->RevealForUse(), "correct horse");
  std::filesystem::permissions(path, std::filesystem::perms(0640));
  EXPECT_FALSE(ReadPassword(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace jit::daemon
