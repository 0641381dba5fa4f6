#include "tests/testing/private_postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jit::testing {
namespace {

using ::testing::HasSubstr;

TEST(PrivatePostgres, ServesTheSuperuserOnItsSocketAndStopsByItself) {
  auto cluster = PrivatePostgres::Start();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto answer = (*cluster)->Psql("postgres", "select current_user, current_setting('fsync')");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, "postgres|off");
}

TEST(PrivatePostgres, KeepsItsSettingsAndDatabasesOverARestart) {
  PrivatePostgres::Options options;
  options.settings["max_prepared_transactions"] = "7";
  options.durability = PrivatePostgres::Durability::kOn;
  auto cluster = PrivatePostgres::Start(options);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto database = (*cluster)->FreshDatabase();
  ASSERT_TRUE(database.ok()) << database.status();
  ASSERT_TRUE((*cluster)->Psql(*database, "create table kept(x int)").ok());
  ASSERT_TRUE((*cluster)->Restart().ok());
  auto answer =
      (*cluster)->Psql(*database, "select count(*) from kept; show max_prepared_transactions");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, "0\n7");
}

TEST(PrivatePostgres, SaysWhatPsqlSaidWhenSqlFails) {
  auto cluster = PrivatePostgres::Start();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto answer = (*cluster)->Psql("postgres", "select 1/0");
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("division by zero"));
}

TEST(PrivatePostgres, ACloneIsTheSameClusterOnAnotherPort) {
  auto cluster = PrivatePostgres::Start();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto copy = (*cluster)->Clone();
  ASSERT_TRUE(copy.ok()) << copy.status();
  const char* identity = "select system_identifier from pg_control_system()";
  auto here = (*cluster)->Psql("postgres", identity);
  auto there = (*copy)->Psql("postgres", identity);
  ASSERT_TRUE(here.ok() && there.ok());
  EXPECT_EQ(*here, *there);
  EXPECT_NE((*cluster)->port(), (*copy)->port());
}

}  // namespace
}  // namespace jit::testing
