#include "broker/sql/destruction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/sql/readings.h"

namespace jit::sql {
namespace {

// `column shop.orders(total) cascade`, one after the other.
std::string LossesOf(const Statement& statement) {
  return absl::StrJoin(statement.destroys, "; ", [](std::string* out, const Destruction& one) {
    absl::StrAppend(out, LossWord(one.loss), " ", NamesOf({one.object}));
    if (one.has_arguments || !one.part.empty()) {
      absl::StrAppend(out, "(", one.part, ")");
    }
    absl::StrAppend(out, one.if_exists ? " if_exists" : "", one.cascade ? " cascade" : "",
                    one.restart_identity ? " restart" : "");
  });
}

TEST(Destructions, AreAllTold) {
  const struct {
    std::string sql;
    std::string losses;
    bool only;
  } rows[] = {
      {"DROP TABLE IF EXISTS a, shop.b CASCADE",
       "table a if_exists cascade; table shop.b if_exists "
       "cascade",
       true},
      {"DROP TABLE db.shop.b", "table shop.b", true},
      {"DROP VIEW v", "view v", true},
      {"DROP MATERIALIZED VIEW m", "materialized_view m", true},
      {"DROP SEQUENCE s", "sequence s", true},
      {"DROP INDEX i", "index i", true},
      {"DROP SCHEMA a, b", "schema a; schema b", true},
      {"DROP TYPE shop.color", "type shop.color", true},
      {"DROP DOMAIN d", "type d", true},
      {"DROP FUNCTION f", "function f", true},
      {"DROP FUNCTION shop.f()", "function shop.f()", true},
      {"DROP FUNCTION f(int, OUT x text, shop.\"Color\"[], numeric(10,2))",
       "function f(integer, shop.\"Color\"[], numeric)", true},
      {"DROP PROCEDURE p(text)", "function p(text)", true},
      {"DROP AGGREGATE a(*), b(bigint)", "function a(); function b(bigint)", true},
      {"DROP TRIGGER g ON shop.orders", "trigger shop.orders(g)", true},
      {"DROP RULE r ON orders", "rule orders(r)", true},
      {"DROP POLICY p ON orders CASCADE", "policy orders(p) cascade", true},
      {"ALTER TABLE t DROP COLUMN IF EXISTS a CASCADE", "column t(a) if_exists cascade", true},
      {"ALTER TABLE t DROP COLUMN a, DROP b, DROP CONSTRAINT c",
       "column t(a); column t(b); constraint t(c)", true},
      {"ALTER TABLE t DROP COLUMN a, ADD COLUMN b int", "column t(a)", false},
      {"ALTER TABLE s.t ALTER COLUMN a TYPE int USING a::int", "column_type s.t(a)", false},
      {"ALTER TABLE t ADD COLUMN a int", "", false},
      {"TRUNCATE a, shop.b RESTART IDENTITY CASCADE",
       "rows a cascade restart; rows shop.b cascade restart", true},
      {"CREATE TABLE a (b int)", "", false},
      {"DELETE FROM a", "", false},
      {"DROP DATABASE d", "unkeepable d", true},
      {"DROP ROLE a, b", "unkeepable a; unkeepable b", true},
      {"DROP EXTENSION e", "unkeepable e", true},
      {"DROP OWNED BY a", "unkeepable a", true},
      {"DROP CAST (int AS text)", "unkeepable ", true},
      {"DROP FOREIGN TABLE f", "unkeepable f", true},
      {"ALTER TYPE c DROP ATTRIBUTE a", "unkeepable c(a)", true},
      {"ALTER DOMAIN d DROP CONSTRAINT c", "unkeepable d", true},
  };
  for (const auto& row : rows) {
    const Statement statement = Only(row.sql);
    EXPECT_EQ(LossesOf(statement), row.losses) << row.sql;
    EXPECT_EQ(statement.only_destroys, row.only) << row.sql;
    const bool refused = CodesOf(statement).find("drop_unkeepable") != std::string::npos;
    EXPECT_EQ(refused, row.losses.find("unkeepable") != std::string::npos) << row.sql;
  }
}

TEST(Destructions, InsideABlockAreRefused) {
  const Statement statement = Only("DO $$ BEGIN DROP TABLE a; END $$");
  EXPECT_TRUE(statement.destroys.empty());
  EXPECT_NE(CodesOf(statement).find("drop_unkeepable"), std::string::npos);
}

TEST(Destructions, InAFunctionThatIsOnlyMadeDestroyNothingYet) {
  const Statement statement = Only("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'TRUNCATE a'");
  EXPECT_TRUE(statement.destroys.empty());
  EXPECT_EQ(CodesOf(statement), "truncate");
}

}  // namespace
}  // namespace jit::sql
