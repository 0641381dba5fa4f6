#include "broker/sql/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "broker/sql/analyse.h"
#include "broker/sql/wire.h"
#include "tests/testing/status_matchers.h"

namespace jit::sql {
namespace {

using ::jit::testing::IsOk;
using ::jit::testing::StatusIs;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

// A program in place of the worker, as a shell would run it.
class Impostor {
 public:
  explicit Impostor(const std::string& script) {
    folder_ = std::filesystem::path(::testing::TempDir()) / "impostorXXXXXX";
    std::string name = folder_.string();
    folder_ = mkdtemp(name.data());
    std::ofstream(path()) << "#!/bin/sh\n" << script << "\n";
    chmod(path().c_str(), 0700);
  }
  ~Impostor() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ / "program"; }

 private:
  std::filesystem::path folder_;
};

void ExpectNoChildren() {
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Worker, ReadsAScriptAsTheParserDoes) {
  const std::string text = "-- expect: a=1\nDELETE FROM a;\nDO $$ BEGIN COMMIT; END $$";
  const absl::StatusOr<Script> script = Worker(JIT_SQL_WORKER).Read(text, kPatience);
  ASSERT_THAT(script, IsOk());
  EXPECT_EQ(*script, *Analyse(text));
  ExpectNoChildren();
}

TEST(Worker, SaysWhatDoesNotParse) {
  const absl::StatusOr<Script> script = Worker(JIT_SQL_WORKER).Read("SELECT 1;\nSELCT", kPatience);
  EXPECT_THAT(script, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(script.status().message()), HasSubstr("line 2, column 1"));
}

TEST(Worker, SurvivesWhatCrashesAParser) {
  const auto repeated = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
      all += text;
    }
    return all;
  };
  const std::vector<std::string> bombs = {
      "SELECT 1" + repeated("+1", 100000),
      "SELECT 1" + repeated("+1", 32000),
      "SELECT " + repeated("(", 60000) + "1" + repeated(")", 60000),
      repeated("SELECT * FROM (", 4000) + "SELECT 1" + repeated(") a", 4000),
      "SELECT " + repeated("NOT ", 16000) + "true",
      "DELETE FROM a WHERE " + repeated("NOT ", 16000) + "true",
      "DELETE FROM a WHERE id = 1" + repeated(" OR id = 1", 6000),
      "SELECT 1" + repeated(" UNION SELECT 1", 4000),
      "SELECT " + repeated("ARRAY[", 10000) + "1" + repeated("]", 10000),
      "DO $$ BEGIN " + repeated("BEGIN ", 8000) + repeated("END; ", 8000) + "END $$",
      "DO $$ BEGIN " + repeated("IF a THEN ", 3000) + repeated("END IF; ", 3000) + "END $$",
      repeated("/* ", 300000),
      repeated("SELECT 1;", 999),
      "INSERT INTO a VALUES (1)" + repeated(",(1)", 15000),
      "WITH a AS (SELECT 1)" + repeated(", b AS (TABLE a)", 3000) + " TABLE b",
      std::string(kScriptBytesMax, '('),
      std::string(kScriptBytesMax, '\''),
  };
  const Worker worker(JIT_SQL_WORKER);
  for (const std::string& bomb : bombs) {
    const absl::StatusOr<Script> script = worker.Read(bomb, kPatience);
    EXPECT_THAT(script.status().code(),
                AnyOf(absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument))
        << bomb.substr(0, 40) << ": " << script.status();
    EXPECT_THAT(std::string(script.status().message()), Not(HasSubstr("could not understand")))
        << bomb.substr(0, 40);
  }
  ExpectNoChildren();
  EXPECT_THAT(worker.Read("SELECT 1", kPatience), IsOk());
}

TEST(Worker, ACrashIsToldAsTheScriptsFault) {
  const Impostor impostor("kill -SEGV $$");
  const absl::StatusOr<Script> script = Worker(impostor.path()).Read("SELECT 1", kPatience);
  EXPECT_THAT(script, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(script.status().message()), HasSubstr("could not understand"));
  ExpectNoChildren();
}

TEST(Worker, WhoeverTakesTooLongIsEnded) {
  const Impostor impostor("exec sleep 600");
  const absl::StatusOr<Script> script =
      Worker(impostor.path()).Read(std::string(900000, ' '), absl::Milliseconds(100));
  EXPECT_THAT(script, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(script.status().message()), HasSubstr("too long"));
  ExpectNoChildren();
}

TEST(Worker, GarbageAndAnswersToOtherScriptsAreRefused) {
  const std::string lie = Framed(AnswerToBytes(*Analyse("SELECT 1")));
  std::string octal;
  for (const char c : lie) {
    const auto byte = static_cast<unsigned char>(c);
    octal += {'\\', static_cast<char>('0' + (byte >> 6)),
              static_cast<char>('0' + ((byte >> 3) & 7)), static_cast<char>('0' + (byte & 7))};
  }
  for (const std::string& says :
       {std::string("exit 0"), std::string("echo garbage"), std::string("printf '\\377\\377'"),
        std::string("printf '\\000\\000\\000\\002{}'"), "printf '" + octal + "'",
        std::string("exec yes")}) {
    const Impostor impostor(says);
    const absl::StatusOr<Script> script =
        Worker(impostor.path()).Read("SELECT 1; DROP TABLE a", absl::Seconds(10));
    EXPECT_THAT(script, StatusIs(absl::StatusCode::kInvalidArgument)) << says;
  }
  const Impostor honest("printf '" + octal + "'");
  EXPECT_THAT(Worker(honest.path()).Read("SELECT 1", kPatience), IsOk());
  ExpectNoChildren();
}

TEST(Worker, AProgramThatCannotBeStartedIsAFault) {
  EXPECT_THAT(Worker("/nowhere/jit-sql-worker").Read("SELECT 1", kPatience),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(Worker, TheChildHasNothingOfOurs) {
  setenv("JIT_SECRET", "x", 1);
  ASSERT_EQ(dup2(STDERR_FILENO, 77), 77);  // a file that nobody marked as our own
  const Impostor impostor(
      "test -z \"$JIT_SECRET\" || exit 1\n"
      "test ! -e /proc/$$/fd/77 || exit 2\n"
      "printf '\\000\\000\\000\\016{\"error\":\"ok\"}'");
  const absl::StatusOr<Script> script = Worker(impostor.path()).Read("SELECT 1", kPatience);
  close(77);
  EXPECT_EQ(std::string(script.status().message()), "ok");
}

TEST(Worker, ReadsManyAtOnce) {
  const Worker worker(JIT_SQL_WORKER);
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (std::size_t i = 0; i < good.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int turn = 0; turn < 5; ++turn) {
        good[i] += worker.Read("DELETE FROM a", kPatience).ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(good, ::testing::Each(5));
  ExpectNoChildren();
}

}  // namespace
}  // namespace jit::sql
