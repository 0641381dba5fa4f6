// What several sessions of one login change together.
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "tests/target_postgres/guarded_stage.h"

namespace jit::testing {
namespace {

using GuardOfSeveral = GuardedStage;

TEST_F(GuardOfSeveral, SessionsThatWriteAtTheSameTimeMeetOneCeilingTogether) {
  const Opened opened = OpenInteractive({.statement_rows = "10", .session_rows = "25"});
  Holder first = Enter(opened);
  Holder second = Enter(opened);
  Holder early = Enter(opened);  // sees what was there before the others wrote
  EXPECT_TRUE(early.Run("begin isolation level repeatable read"));
  EXPECT_EQ(early.Ask("select count(*) from orders where amount = -1"), "0");
  EXPECT_TRUE(first.Run("begin"));
  EXPECT_TRUE(first.Run("update orders set amount = -1 where id <= 8"));
  EXPECT_TRUE(first.Run("update orders set amount = -1 where id between 9 and 16"));
  auto waiting = std::async(std::launch::async, [&second] {
    return second.Ask("update orders set amount = -1 where id between 21 and 30");
  });
  const auto still_works = [&waiting] {
    return waiting.wait_for(std::chrono::milliseconds(10)) == std::future_status::timeout;
  };
  while (still_works() && Sql("select count(*) from pg_stat_activity where usename like 'jit\\_%'"
                              " and wait_event_type = 'Lock'") == "0") {
  }
  EXPECT_TRUE(first.Run("commit"));
  EXPECT_EQ(waiting.get(), "ERROR 54000");
  EXPECT_EQ(early.Ask("update orders set amount = -1 where id = 40"), "ERROR 40001");
  EXPECT_EQ(Sql("select count(*) from orders where amount = -1"), "16");
}

}  // namespace
}  // namespace jit::testing
