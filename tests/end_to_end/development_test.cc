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
  std::string lease_;  // the last one asked for
  std::string shown_;  // what its approver saw
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

TEST_F(Development, GuardsWhatAWriterMayChangeAndSaysWhatADbaRunsWhereItCannot) {
  ASSERT_TRUE(Start());
  // As the broker says it on its first lines: "  PGPASSFILE=… psql …".
  const std::string& said = broker_->out();
  const std::size_t at = said.find("PGPASSFILE=");
  ASSERT_NE(at, std::string::npos) << said;
  const std::string administrator = said.substr(at, said.find('\n', at) - at);
  const auto sql = [&](const std::string& statement) {
    const Said done = RunProgram(
        {"/bin/sh", "-c", administrator + " -XAtqc \"$1\"", "sh", statement}, {}, folder_);
    EXPECT_EQ(done.status, 0) << done.err;
  };
  const auto delete_a_note = [this](const std::string& more) {
    const Said asked = By("engineer",
                          "jit-access request --target dev --role writer"
                          " --reason hello --no-wait --output json" +
                              more);
    EXPECT_TRUE(json::accept(asked.out)) << asked.err;
    lease_ = json::parse(asked.out)["lease"];
    shown_ = By("reviewer", "jit-approve show " + lease_).out;
    const json shown =
        json::parse(By("reviewer", "jit-approve show " + lease_ + " --output json").out);
    EXPECT_EQ(By("reviewer", "jit-approve approve " + lease_ + " --yes --digest " +
                                 shown["digest"].get<std::string>())
                  .status,
              0);
    return By("engineer",
              "jit-access run " + lease_ + " --keep -- psql -Xqc 'delete from notes where id = 1'");
  };
  sql("create table notes(id int primary key); insert into notes values (1), (2), (3)");
  const Said refused = delete_a_note("");
  EXPECT_NE(refused.status, 0) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("alter table public.notes owner to "));

  sql("alter table notes owner to app_owner");
  const Said done = delete_a_note("");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(By("engineer", "jit-access changes " + lease_).out, HasSubstr("deleted"));

  // What nobody could put back takes a name, and somebody who accepted it.
  sql("set role app_owner; create table loose(a int); insert into loose values (1)");
  const Said unnamed = delete_a_note("");
  EXPECT_NE(unnamed.status, 0) << unnamed.out;
  EXPECT_THAT(unnamed.err, HasSubstr("ask again with --keyless public.loose so that the approver"));
  EXPECT_EQ(delete_a_note(" --keyless public.loose").status, 0);
  EXPECT_THAT(shown_, HasSubstr("changed rows of public.loose cannot be put back"));
  EXPECT_EQ(
      By("engineer", "jit-access run " + lease_ + " -- psql -Xqc 'update loose set a = 2'").status,
      0);
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
