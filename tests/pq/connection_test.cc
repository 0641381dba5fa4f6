// The connection against a real server, a server that dies, and one that never answers.
#include "broker/pq/connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "broker/pq/conninfo.h"
#include "broker/pq/sqlstate.h"
#include "broker/pq/transaction.h"
#include "tests/testing/private_postgres.h"

namespace jit::pq {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(10);

class ConnectionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = jit::testing::PrivatePostgres::Start();
    ASSERT_TRUE(started.ok()) << started.status();
    cluster_ = std::move(*started).release();
  }
  static void TearDownTestSuite() { delete cluster_; }

  static std::unique_ptr<Connection> Connect(const StartUp& start_up = {}) {
    auto connection = Connection::Open(cluster_->SuperuserConninfo(), start_up);
    EXPECT_TRUE(connection.ok()) << connection.status();
    return connection.ok() ? std::move(*connection) : nullptr;
  }

  static jit::testing::PrivatePostgres* cluster_;
};

jit::testing::PrivatePostgres* ConnectionTest::cluster_ = nullptr;

TEST_F(ConnectionTest, BindsValuesOfEveryShape) {
  auto connection = Connect();
  auto result = connection->Run(
      "select $1::text, $2::bigint + 1, $3::text is null, $4::text[], $5::boolean, $6::int[]",
      Parameters()
          .Text("O'Reilly\\ \"x\"; drop table t")
          .Integer(41)
          .Null()
          .TextArray({"a\"b", "c\\d", "", "NULL"})
          .Boolean(Parameters::Truth::kTrue)
          .IntegerArray({1, -2}),
      kPatience);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Text(0, 0), "O'Reilly\\ \"x\"; drop table t");
  EXPECT_EQ(result->Integer(0, 1), 42);
  EXPECT_TRUE(result->IsTrue(0, 2));
  EXPECT_THAT(result->TextArray(0, 3), ::testing::ElementsAre("a\"b", "c\\d", "", "NULL"));
  EXPECT_TRUE(result->IsTrue(0, 4));
  EXPECT_EQ(result->Text(0, 5), "{1,-2}");
}

TEST_F(ConnectionTest, RefusesNulBeforeAnythingIsSent) {
  auto connection = Connect();
  auto result = connection->Run("select $1::text", Parameters().Text(absl::string_view("a\0b", 3)),
                                kPatience);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(connection->IsAlive());
}

// C-11: what the database is configured with must not reach our statements.
TEST_F(ConnectionTest, SettingsOfTheDatabaseAndTheRoleDoNotReachOurStatements) {
  auto database = cluster_->FreshDatabase();
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE(cluster_
                  ->Psql("postgres", absl::StrCat("alter database ", *database,
                                                  " set search_path = evil, pg_catalog; "
                                                  "alter database ",
                                                  *database, " set timezone = 'Asia/Tokyo'; ",
                                                  "alter role postgres in database ", *database,
                                                  " set synchronous_commit = off; "
                                                  "alter role postgres in database ",
                                                  *database, " set lock_timeout = 0"))
                  .ok());
  auto connection = Connection::Open(cluster_->SuperuserConninfo(*database), StartUp());
  ASSERT_TRUE(connection.ok()) << connection.status();
  auto result = (*connection)
                    ->Run(
                        "select current_setting('search_path'), current_setting('timezone'), "
                        "current_setting('synchronous_commit'), current_setting('lock_timeout')",
                        kPatience);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Text(0, 0), "pg_catalog");
  EXPECT_EQ(result->Text(0, 1), "UTC");
  EXPECT_EQ(result->Text(0, 2), "on");
  EXPECT_EQ(result->Text(0, 3), "2s");
}

TEST_F(ConnectionTest, AConninfoMayNotBringOptionsOfItsOwn) {
  auto connection =
      Connection::Open(cluster_->SuperuserConninfo() + " options='-c search_path=evil'", StartUp());
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConnectionTest, AnErrorNeverRepeatsABoundValue) {
  auto connection = Connect();
  auto result =
      connection->Run("select $1::int", Parameters().Text("SCRAM-SHA-256$4096:geheim"), kPatience);
  EXPECT_EQ(SqlStateOf(result.status()), "22P02");
  EXPECT_THAT(std::string(result.status().message()), Not(HasSubstr("geheim")));
  EXPECT_EQ(OutcomeOf(result.status()), Outcome::kDidNotHappen);
}

TEST_F(ConnectionTest, AStatementBeyondItsDeadlineCostsTheConnectionAndItsOutcomeIsUnknown) {
  auto connection = Connect();
  auto result = connection->Run("select pg_sleep(2)", absl::Milliseconds(100));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(OutcomeOf(result.status()), Outcome::kUnknown);
  EXPECT_FALSE(connection->IsAlive());
}

TEST_F(ConnectionTest, TheServerStopsOverlongStatementsByItself) {
  StartUp start_up;
  start_up.statement_timeout = absl::Milliseconds(100);
  auto connection = Connect(start_up);
  auto result = connection->Run("select pg_sleep(30)", kPatience);
  EXPECT_EQ(SqlStateOf(result.status()), "57014");
  EXPECT_EQ(OutcomeOf(result.status()), Outcome::kDidNotHappen);
  EXPECT_TRUE(connection->IsAlive());
}

TEST_F(ConnectionTest, OneThreadCanWaitForTwoStatements) {
  auto slow = Connect();
  auto quick = Connect();
  ASSERT_TRUE(slow->Send("select pg_sleep(0.3), 'slow'", Parameters()).ok());
  EXPECT_EQ(slow->Ready(absl::Milliseconds(1)), Connection::Progress::kWorking);
  EXPECT_TRUE(quick->Run("select 'quick'", kPatience).ok());
  EXPECT_EQ(slow->Ready(kPatience), Connection::Progress::kReady);
  auto result = slow->Collect(kPatience);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Text(0, 1), "slow");
}

TEST_F(ConnectionTest, ATransactionWithoutCommitLeavesNothing) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("create table public.kept(x int)", kPatience).ok());
  {
    auto transaction = Transaction::Begin(*connection, kPatience);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(connection->Run("insert into public.kept values (1)", kPatience).ok());
  }
  auto rows = connection->Run("select from public.kept", kPatience);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->rows(), 0);
}

TEST_F(ConnectionTest, CommittingATransactionInWhichSomethingFailedIsAnError) {
  auto connection = Connect();
  auto transaction = Transaction::Begin(*connection, kPatience);
  ASSERT_TRUE(transaction.ok());
  EXPECT_FALSE(connection->Run("select 1/0", kPatience).ok());
  EXPECT_EQ(transaction->Commit().code(), absl::StatusCode::kAborted);
}

// D-03: the backend dies while our statement is in it, so nobody knows.
TEST_F(ConnectionTest, AConnectionThatBreaksUnderAStatementLeavesTheOutcomeUnknown) {
  auto connection = Connect();
  auto killer = Connect();
  auto pid = connection->Run("select pg_backend_pid()", kPatience);
  ASSERT_TRUE(pid.ok());
  ASSERT_TRUE(connection->Send("select pg_sleep(30)", Parameters()).ok());
  ASSERT_TRUE(killer
                  ->Run("select pg_terminate_backend($1)",
                        Parameters().Integer(*pid->Integer(0, 0)), kPatience)
                  .ok());
  auto result = connection->Collect(kPatience);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(OutcomeOf(result.status()), Outcome::kUnknown);
  EXPECT_FALSE(connection->IsAlive());
  auto after = connection->Run("select 1", kPatience);
  EXPECT_EQ(OutcomeOf(after.status()), Outcome::kDidNotHappen);
}

TEST_F(ConnectionTest, AConnectionThatDiedWhileIdleIsNoticedBeforeItIsUsed) {
  auto connection = Connect();
  auto killer = Connect();
  auto pid = connection->Run("select pg_backend_pid()", kPatience);
  ASSERT_TRUE(pid.ok());
  ASSERT_TRUE(killer
                  ->Run("select pg_terminate_backend($1, 5000)",
                        Parameters().Integer(*pid->Integer(0, 0)), kPatience)
                  .ok());
  EXPECT_FALSE(connection->IsAlive());
}

TEST_F(ConnectionTest, AWrongPasswordIsUnauthenticatedAndNotRepeated) {
  ASSERT_TRUE(cluster_->Psql("postgres", "create role somebody login password 'right'").ok());
  auto connection =
      Connection::Open(cluster_->ConninfoFor("somebody", "wrongpassword", "postgres"), StartUp());
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(connection.status().message()), Not(HasSubstr("wrongpassword")));
  auto right = Connection::Open(cluster_->ConninfoFor("somebody", "right", "postgres"), StartUp());
  EXPECT_TRUE(right.ok()) << right.status();
}

TEST_F(ConnectionTest, AServerThatNeverAnswersCostsTheConnectTimeoutAndNoMore) {
  // A listener that accepts nothing: the kernel completes the handshake, and then silence.
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  StartUp start_up;
  start_up.connect_timeout = absl::Milliseconds(200);
  auto connection = Connection::Open(
      absl::StrCat("host=127.0.0.1 dbname=x user=x sslmode=disable port=", ntohs(address.sin_port)),
      start_up);
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(OutcomeOf(connection.status()), Outcome::kDidNotHappen);
  close(listener);
}

TEST_F(ConnectionTest, AnotherDatabaseIsReachedWithTheSameConninfo) {
  auto database = cluster_->FreshDatabase();
  ASSERT_TRUE(database.ok());
  auto conninfo = WithDatabase(cluster_->SuperuserConninfo(), *database);
  ASSERT_TRUE(conninfo.ok());
  auto connection = Connection::Open(*conninfo, StartUp());
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ((*connection)->database(), *database);
}

TEST_F(ConnectionTest, AStatementThatIsUnderWayIsCancelled) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Send("select pg_sleep(8)", {}).ok());
  EXPECT_EQ(connection->Ready(absl::Milliseconds(50)), Connection::Progress::kWorking);
  ASSERT_TRUE(connection->Cancel().ok());
  auto answer = connection->Collect(kPatience);
  EXPECT_EQ(SqlStateOf(answer.status()), "57014");
  EXPECT_TRUE(connection->Run("select 1", kPatience).ok());
}

TEST_F(ConnectionTest, WhatIsTriedIsAnsweredAndTakenBack) {
  auto connection = Connect();
  ASSERT_TRUE(connection->RunScript("create temp table tried(n int); begin", kPatience).ok());
  ASSERT_TRUE(connection->Run("insert into tried values (1)", kPatience).ok());
  ASSERT_TRUE(connection->SendTrial("insert into tried values (2) returning n").ok());
  auto answer = connection->Collect(kPatience);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->Integer(0, 0), 2);
  auto left = connection->Run("select count(*) from tried", kPatience);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->Integer(0, 0), 1);
}

TEST_F(ConnectionTest, ATrialThatFailsLeavesTheTransactionAsItWas) {
  auto connection = Connect();
  ASSERT_TRUE(connection->RunScript("create temp table tried(n int); begin", kPatience).ok());
  ASSERT_TRUE(connection->Run("insert into tried values (1)", kPatience).ok());
  ASSERT_TRUE(connection->SendTrial("select 1/0").ok());
  EXPECT_EQ(SqlStateOf(connection->Collect(kPatience).status()), "22012");
  ASSERT_TRUE(connection->SendTrial("select 1; select 2").ok());
  EXPECT_EQ(SqlStateOf(connection->Collect(kPatience).status()), "42601");
  auto left = connection->Run("select count(*) from tried", kPatience);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->Integer(0, 0), 1);
}

TEST_F(ConnectionTest, ATrialThatIsUnderWayIsCancelledAndTakenBack) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("begin", kPatience).ok());
  ASSERT_TRUE(connection->SendTrial("select pg_sleep(60)").ok());
  EXPECT_EQ(connection->Ready(absl::Milliseconds(50)), Connection::Progress::kWorking);
  ASSERT_TRUE(connection->Cancel().ok());
  EXPECT_EQ(SqlStateOf(connection->Collect(kPatience).status()), "57014");
  EXPECT_TRUE(connection->Run("select 1", kPatience).ok());
}

TEST_F(ConnectionTest, ATrialOutsideOfATransactionIsAnError) {
  auto connection = Connect();
  ASSERT_TRUE(connection->SendTrial("select 1").ok());
  EXPECT_FALSE(connection->Collect(kPatience).ok());
  EXPECT_TRUE(connection->Run("select 1", kPatience).ok());
}

TEST_F(ConnectionTest, AConnectionThatBreaksUnderATrialIsLost) {
  auto connection = Connect();
  auto other = Connect();
  ASSERT_TRUE(connection->Run("begin", kPatience).ok());
  const int pid = connection->announced_pid();
  ASSERT_TRUE(connection->SendTrial("select pg_sleep(60)").ok());
  ASSERT_TRUE(other->Run(absl::StrCat("select pg_terminate_backend(", pid, ")"), kPatience).ok());
  EXPECT_FALSE(connection->Collect(kPatience).ok());
  EXPECT_FALSE(connection->IsAlive());
  EXPECT_FALSE(connection->Run("select 1", kPatience).ok());
}

TEST_F(ConnectionTest, ACopyThatIsTriedEndsTheConnection) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("begin", kPatience).ok());
  ASSERT_TRUE(connection->SendTrial("copy (select 1) to stdout").ok());
  EXPECT_FALSE(connection->Collect(kPatience).ok());
}

TEST_F(ConnectionTest, RowsThatNobodyWantsAreDroppedAndTheTagIsKept) {
  auto connection = Connect();
  ASSERT_TRUE(
      connection->Send("select i from generate_series(1, 100000) i", {}, Connection::Rows::kDropped)
          .ok());
  while (connection->Ready(absl::Milliseconds(20)) == Connection::Progress::kWorking) continue;
  auto answer = connection->Collect(kPatience);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->rows(), 0);
  EXPECT_EQ(answer->tag(), "SELECT 100000");
  auto next = connection->Run("select 1", kPatience);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->rows(), 1);
}

TEST_F(ConnectionTest, ACopyEndsTheConnectionInsteadOfWaitingForEver) {
  for (const char* copy : {"copy (select 1) to stdout", "copy pg_temp.t from stdin"}) {
    auto connection = Connect();
    ASSERT_TRUE(connection->RunScript("create temp table t(i int)", kPatience).ok());
    auto answer = connection->Run(copy, kPatience);
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument) << copy;
    EXPECT_FALSE(connection->IsAlive());
  }
}

TEST_F(ConnectionTest, RemarksOfTheServerAreToldApartFromItsMessage) {
  auto connection = Connect();
  ASSERT_TRUE(connection->RunScript("create temp table u(i int primary key)", kPatience).ok());
  auto answer = connection->Run("insert into pg_temp.u values (1), (1)", kPatience);
  EXPECT_THAT(std::string(answer.status().message()), Not(HasSubstr("already exists")));
  EXPECT_THAT(connection->remarks().detail, HasSubstr("already exists"));
}

TEST_F(ConnectionTest, AScriptFindsNamesAsTheDatabaseIsConfigured) {
  StartUp start_up;
  start_up.search = StartUp::Search::kAsConfigured;
  auto answer = Connect(start_up)->Run("show search_path", kPatience);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->Text(0, 0), "\"$user\", public");
}

}  // namespace
}  // namespace jit::pq
