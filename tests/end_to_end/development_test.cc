// `jit-broker dev` with nothing but a folder: what somebody types on the first evening.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Development : public ::testing::Test {
 protected:
  Development() {
    std::string pattern = "/tmp/jit-dev-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::filesystem::permissions(folder_, std::filesystem::perms(0711));
  }
  ~Development() override {
    if (broker_ != nullptr) {
      broker_->Signal(SIGTERM);
      broker_->Wait(std::chrono::seconds(20));
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  bool Start() {
    broker_ = std::make_unique<Program>(
        Words{Scene::ProgramPath("jit-broker"), "dev", "--dir", folder_, "--listen", "127.0.0.1:0"},
        Environment(), folder_);
    const bool serves = Comes(
        [&] { return !broker_->Running() || broker_->out().find("Ctrl-C") != std::string::npos; });
    EXPECT_TRUE(serves && broker_->Running()) << broker_->out() << broker_->err();
    return serves && broker_->Running();
  }

  // Through a shell that sources the file, as the broker says it should be used.
  Said By(const std::string& person, const std::string& line) {
    const std::string bin = Scene::ProgramPath("");
    return RunProgram({"/bin/sh", "-c",
                       ". " + folder_ + "/" + person + ".env && PATH=" + bin + ":$PATH && " + line},
                      {{"HOME", folder_}}, folder_);
  }

  bool PostgresRuns() const {
    return std::filesystem::exists(folder_ + "/postgres/postmaster.pid");
  }

  std::string folder_;
  std::unique_ptr<Program> broker_;
};

TEST_F(Development, WorksFromNothingAndAgainWithWhatItMade) {
  ASSERT_TRUE(Start());
  const Said first =
      By("engineer", "jit-access request --target dev --role reader --reason hello --output json");
  ASSERT_EQ(first.status, 0) << first.err;
  const std::string lease = json::parse(first.out)["lease"];
  EXPECT_EQ(By("engineer", "jit-access run " + lease + " --keep -- psql -XAtc 'select 6*7'").out,
            "42\n");
  broker_->Signal(SIGTERM);
  const auto ended = broker_->Wait(std::chrono::seconds(20));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->status, 0) << ended->err;
  EXPECT_FALSE(PostgresRuns()) << "its private PostgreSQL ends with it";

  ASSERT_TRUE(Start());
  EXPECT_THAT(By("engineer", "jit-access status " + lease).out, HasSubstr("open"))
      << "the journal and the database are the ones from before";
  EXPECT_EQ(By("engineer", "jit-access run " + lease + " -- psql -XAtc 'select 6*7'").out, "42\n");
}

TEST_F(Development, LeavesNoServerBehindWhenItIsKilledAndStartsAgain) {
  ASSERT_TRUE(Start());
  broker_->Signal(SIGKILL);
  broker_->Wait(std::chrono::seconds(10));
  EXPECT_TRUE(Comes([&] { return !PostgresRuns(); }));
  ASSERT_TRUE(Start());
  EXPECT_EQ(By("peer", "jit-access whoami").status, 0);
}

TEST_F(Development, KeepsItsSecretsToItself) {
  ASSERT_TRUE(Start());
  for (const char* name : {"authority.key", "broker.key", "engineer.key", "checkpoint.key",
                           "target.password", "administrator.password", "journal.db"}) {
    struct stat status {};
    ASSERT_EQ(stat((folder_ + "/" + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(Development, SaysWhatIsWrongWithAPolicyAndATarget) {
  std::filesystem::copy(std::string(JIT_SOURCE_DIR) + "/policies", folder_ + "/two");
  std::filesystem::copy(folder_ + "/two/shop.toml", folder_ + "/two/store.toml");
  const Said two = RunProgram({Scene::ProgramPath("jit-broker"), "dev", "--dir", folder_ + "/d",
                               "--policy", folder_ + "/two"},
                              {}, folder_);
  EXPECT_EQ(two.status, 1);
  EXPECT_THAT(two.err, HasSubstr("leave one file there"));

  const Said away = RunProgram({Scene::ProgramPath("jit-broker"), "dev", "--dir", folder_ + "/d",
                                "--target", "host=127.0.0.1 port=1 dbname=shop user=postgres"},
                               {}, folder_);
  EXPECT_EQ(away.status, 1);
  EXPECT_THAT(away.err, HasSubstr("the administrator cannot connect to the target"));
}

}  // namespace
}  // namespace jit::end_to_end
