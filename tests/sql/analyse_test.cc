#include "broker/sql/analyse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sql/readings.h"
#include "tests/testing/status_matchers.h"

namespace jit::sql {
namespace {

using ::jit::testing::IsOk;
using ::jit::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  std::string sql;
  Kind kind;
  std::string tag;
  std::string writes;
  std::string reads;
};

TEST(Analyse, TellsKindTagAndTables) {
  const std::vector<Row> rows = {
      {"SELECT * FROM shop.orders", Kind::kRead, "SELECT", "", "shop.orders"},
      {"VALUES (1)", Kind::kRead, "SELECT", "", ""},
      {"TABLE a", Kind::kRead, "SELECT", "", "a"},
      {"SHOW work_mem", Kind::kRead, "SHOW", "", ""},
      {"SELECT 1 FROM a UNION SELECT 2 FROM b", Kind::kRead, "SELECT", "", "a b"},
      {"SELECT * INTO z FROM y", Kind::kCreate, "SELECT INTO", "z", "y"},
      {"INSERT INTO a SELECT * FROM b", Kind::kInsert, "INSERT", "a", "b"},
      {"UPDATE a SET x = b.x FROM b WHERE a.id = b.id", Kind::kUpdate, "UPDATE", "a", "b"},
      {"DELETE FROM ONLY s.a WHERE id = 1", Kind::kDelete, "DELETE", "s.a", ""},
      {"MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE", Kind::kMerge, "MERGE", "a",
       "b"},
      {"TRUNCATE a, b", Kind::kTruncate, "TRUNCATE TABLE", "a b", ""},
      {"COPY a TO STDOUT", Kind::kCopyOut, "COPY", "", "a"},
      {"COPY a FROM STDIN", Kind::kCopyIn, "COPY", "a", ""},
      {"CALL p(1)", Kind::kCall, "CALL", "", ""},
      {"CREATE TABLE t (a int REFERENCES u)", Kind::kCreate, "CREATE TABLE", "t", "u"},
      {"CREATE TABLE t AS SELECT * FROM u", Kind::kCreate, "CREATE TABLE AS", "t", "u"},
      {"CREATE MATERIALIZED VIEW m AS SELECT * FROM u", Kind::kCreate, "CREATE MATERIALIZED VIEW",
       "m", "u"},
      {"CREATE VIEW v AS SELECT * FROM u", Kind::kCreate, "CREATE VIEW", "v", "u"},
      {"CREATE INDEX i ON t (a)", Kind::kCreate, "CREATE INDEX", "t", ""},
      {"CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'", Kind::kCreate, "CREATE PROCEDURE", "",
       ""},
      {"CREATE FOREIGN TABLE t (a int) SERVER s", Kind::kCreate, "CREATE FOREIGN TABLE", "t", ""},
      {"CREATE TYPE c AS ENUM ('a')", Kind::kCreate, "CREATE TYPE", "", ""},
      {"ALTER TABLE t ADD COLUMN a int", Kind::kAlter, "ALTER TABLE", "t", ""},
      {"ALTER TABLE t RENAME COLUMN a TO b", Kind::kAlter, "ALTER TABLE", "t", ""},
      {"ALTER VIEW v RENAME TO w", Kind::kAlter, "ALTER VIEW", "v", ""},
      {"ALTER TABLE t OWNER TO x", Kind::kRights, "ALTER TABLE", "t", ""},
      {"ALTER FUNCTION f() OWNER TO x", Kind::kRights, "ALTER FUNCTION", "", ""},
      {"COMMENT ON TABLE t IS 'x'", Kind::kAlter, "COMMENT", "", ""},
      {"DROP TABLE a, s.b", Kind::kDrop, "DROP TABLE", "a s.b", ""},
      {"DROP MATERIALIZED VIEW m", Kind::kDrop, "DROP MATERIALIZED VIEW", "m", ""},
      {"GRANT SELECT ON t TO x", Kind::kRights, "GRANT", "t", ""},
      {"REVOKE SELECT ON t FROM x", Kind::kRights, "REVOKE", "t", ""},
      {"GRANT a TO b", Kind::kRights, "GRANT ROLE", "", ""},
      {"SET work_mem = '1MB'", Kind::kSetting, "SET", "", ""},
      {"RESET work_mem", Kind::kSetting, "RESET", "", ""},
      {"LOCK TABLE t", Kind::kLock, "LOCK TABLE", "", "t"},
      {"BEGIN", Kind::kTransaction, "BEGIN", "", ""},
      {"ROLLBACK TO x", Kind::kTransaction, "ROLLBACK", "", ""},
      {"VACUUM t", Kind::kOther, "VACUUM", "t", ""},
      {"ANALYZE t", Kind::kOther, "ANALYZE", "t", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.sql);
    const Statement statement = Only(row.sql);
    EXPECT_EQ(KindWord(statement.kind), KindWord(row.kind));
    EXPECT_EQ(statement.tag, row.tag);
    EXPECT_EQ(NamesOf(statement.writes), row.writes);
    EXPECT_EQ(NamesOf(statement.reads), row.reads);
    EXPECT_EQ(statement.text, row.sql);
  }
}

TEST(Analyse, SeesWhatIsWrittenInsideOtherStatements) {
  const std::vector<Row> rows = {
      {"WITH d AS (DELETE FROM a WHERE id = 1 RETURNING *) SELECT * FROM d", Kind::kDelete,
       "SELECT", "a", ""},
      {"WITH d AS (SELECT 1), u AS (UPDATE a SET x = 1 WHERE id IN (TABLE d)) INSERT INTO b "
       "TABLE d",
       Kind::kInsert, "INSERT", "a b", ""},
      {"EXPLAIN DELETE FROM a", Kind::kRead, "EXPLAIN", "", "a"},
      {"EXPLAIN (ANALYZE false) DELETE FROM a", Kind::kRead, "EXPLAIN", "", "a"},
      {"EXPLAIN (ANALYZE, VERBOSE) DELETE FROM a WHERE id = 1", Kind::kDelete, "EXPLAIN", "a", ""},
      {"EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1", Kind::kCreate, "EXPLAIN", "t", ""},
      {"PREPARE p AS DELETE FROM a WHERE id = $1", Kind::kOther, "PREPARE", "a", ""},
      {"COPY (DELETE FROM a WHERE id = 1 RETURNING *) TO STDOUT", Kind::kCopyOut, "COPY", "a", ""},
      {"CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM u WHERE id = new.id", Kind::kCreate,
       "CREATE RULE", "t", "u"},
      {"DO $$ BEGIN IF true THEN DELETE FROM a WHERE id = 1; END IF; END $$", Kind::kCall, "DO",
       "a", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.sql);
    const Statement statement = Only(row.sql);
    EXPECT_EQ(KindWord(statement.kind), KindWord(row.kind));
    EXPECT_EQ(statement.tag, row.tag);
    EXPECT_EQ(NamesOf(statement.writes), row.writes);
    EXPECT_EQ(NamesOf(statement.reads), row.reads);
  }
}

TEST(Analyse, ANameThatWithDefinesIsNoTableButInsideItselfItIs) {
  EXPECT_EQ(NamesOf(Only("WITH a AS (SELECT * FROM b) SELECT * FROM a").reads), "b");
  EXPECT_EQ(NamesOf(Only("WITH a AS (SELECT * FROM a) SELECT * FROM a").reads), "a");
  EXPECT_EQ(NamesOf(Only("WITH RECURSIVE a AS (SELECT * FROM a) SELECT * FROM a").reads), "");
  EXPECT_EQ(NamesOf(Only("WITH a AS (SELECT 1) SELECT * FROM s.a").reads), "s.a");
  EXPECT_EQ(NamesOf(Only("SELECT * FROM (WITH a AS (SELECT 1) TABLE a) x, a").reads), "a");
}

TEST(Analyse, CallsThatAreNotPostgresOwnMayWriteUnseen) {
  EXPECT_FALSE(Only("SELECT count(*), lower(a), now() FROM t").may_write_unseen);
  EXPECT_TRUE(Only("SELECT tidy_up()").may_write_unseen);
  EXPECT_TRUE(Only("SELECT shop.lower('a')").may_write_unseen);
  EXPECT_TRUE(Only("SELECT nextval('s')").may_write_unseen);
  EXPECT_TRUE(Only("DO 'BEGIN END'").may_write_unseen);
  EXPECT_TRUE(Only("EXECUTE p").may_write_unseen);
  EXPECT_FALSE(Only("CREATE VIEW v AS SELECT tidy_up()").may_write_unseen);
}

TEST(Analyse, KnowsWhatCannotRunInATransaction) {
  for (const char* sql :
       {"VACUUM", "CREATE INDEX CONCURRENTLY ON t (a)", "REINDEX (CONCURRENTLY) TABLE t",
        "REINDEX TABLE CONCURRENTLY t", "REINDEX DATABASE d", "ALTER SYSTEM SET x = 1",
        "CREATE DATABASE d", "DROP DATABASE d", "CREATE TABLESPACE s LOCATION '/x'",
        "DROP INDEX CONCURRENTLY i", "ALTER TABLE a DETACH PARTITION b CONCURRENTLY"}) {
    const Statement statement = Only(sql);
    EXPECT_FALSE(statement.runs_in_transaction) << sql;
    EXPECT_THAT(CodesOf(statement), HasSubstr("not_in_transaction")) << sql;
  }
  for (const char* sql : {"ANALYZE", "CREATE INDEX ON t (a)", "REINDEX TABLE t", "CLUSTER t"}) {
    EXPECT_TRUE(Only(sql).runs_in_transaction) << sql;
  }
}

TEST(Analyse, StatementsKeepTheirBytesAndTheirLines) {
  const absl::StatusOr<Script> script = Analyse(
      "-- head\r\n"
      "/* a; /* nested; */ b */ SELECT 'a;b' -- not the end ;\r\n"
      ";\r\n"
      ";;  UPDATE \"Grüße\"\r\n SET a = $x$;\n$x$ WHERE id = 1  ;\n"
      "\t DELETE FROM b WHERE id = 2\n -- tail\n");
  ASSERT_THAT(script, IsOk());
  ASSERT_EQ(script->statements.size(), 3U);
  EXPECT_EQ(script->statements[0].text, "SELECT 'a;b' -- not the end ;");
  EXPECT_EQ(script->statements[0].line, 2);
  EXPECT_EQ(script->statements[1].text, "UPDATE \"Grüße\"\r\n SET a = $x$;\n$x$ WHERE id = 1");
  EXPECT_EQ(script->statements[1].line, 4);
  EXPECT_EQ(NamesOf(script->statements[1].writes), "Grüße");
  EXPECT_EQ(script->statements[2].line, 7);
}

TEST(Analyse, FindingsStandInTheLineOfWhatTheyAreAbout) {
  const absl::StatusOr<Script> script = Analyse(
      "SELECT 1;\n\nDELETE\n  FROM a;\nSELECT pg_sleep(1)\n , pg_cancel_backend(2);\n"
      "DO $$\nBEGIN\n  COMMIT;\nEND $$");
  ASSERT_THAT(script, IsOk());
  const auto line_of = [&](std::size_t statement, const std::string& code) {
    for (const Finding& finding : script->statements[statement].findings) {
      if (finding.code == code) {
        return finding.line;
      }
    }
    return 0;
  };
  EXPECT_EQ(line_of(1, "no_where"), 4);
  EXPECT_EQ(line_of(2, "dangerous_function"), 5);
  EXPECT_EQ(line_of(3, "transaction_control_inside"), 9);
}

TEST(Analyse, ExpectationsStandInTheHeadOnly) {
  const absl::StatusOr<Script> script = Analyse(
      "-- Corrects the totals.\n--expect: orders=1 orders.deleted=0..5\n/* expect: no */\n"
      "-- EXPECT:  items=3 \r\n\nSELECT 1;\n-- expect: late=1\nSELECT 2");
  ASSERT_THAT(script, IsOk());
  EXPECT_THAT(script->expectations, ElementsAre("orders=1 orders.deleted=0..5", "items=3"));
  EXPECT_EQ(CodesOf(script->statements[1]), "expectation_too_late");
}

TEST(Analyse, WhatDoesNotParseIsToldWithItsPlaceAndNoContent) {
  const struct {
    std::string sql;
    std::string says;
  } rows[] = {
      {"", "no statement"},
      {" ;; -- x\n/* y */", "no statement"},
      {"SELECT 1;\nSELCT 2", "line 2, column 1: syntax error at or near \"SELCT\""},
      {"SELECT 'é',\n  FROM x", "line 2, column 3: syntax error at or near \"FROM\""},
      {"SELECT 1 'secret'", "line 1, column 10: syntax error"},
      {"SELECT 1;\nSELECT 'secret never ends", "line 2, column 8: unterminated quoted string"},
      {"SELECT $$secret", "unterminated dollar-quoted string"},
      {"SELECT 1 /* secret", "unterminated /* comment"},
      {"\\d secret", "line 1, column 1"},
      {std::string("SELECT 1\0; DROP TABLE a", 23), "NUL"},
      {"SELECT '\xff'", "UTF-8"},
      {"\xEF\xBB\xBFSELECT 1", "byte order mark"},
      {"SELECT 1 AS a FROM JSON_TABLE('{}', '$' COLUMNS (x int))", "syntax error"},
  };
  for (const auto& row : rows) {
    const absl::StatusOr<Script> script = Analyse(row.sql);
    EXPECT_THAT(script, StatusIs(absl::StatusCode::kInvalidArgument)) << row.sql;
    EXPECT_THAT(std::string(script.status().message()), HasSubstr(row.says));
    EXPECT_THAT(std::string(script.status().message()), Not(HasSubstr("secret")));
  }
}

TEST(Analyse, LimitsAreLimits) {
  const auto statement_of = [](std::size_t bytes) {
    return "SELECT '" + std::string(bytes - 9, 'x') + "'";
  };
  EXPECT_THAT(Analyse(statement_of(kStatementBytesMax)), IsOk());
  EXPECT_THAT(Analyse(statement_of(kStatementBytesMax + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  std::string many;
  for (std::size_t i = 0; i < kStatementsMax; ++i) {
    many += "SELECT 1;";
  }
  EXPECT_THAT(Analyse(many), IsOk());
  EXPECT_THAT(Analyse(many + "SELECT 1"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Analyse("SELECT 1;" + std::string(kScriptBytesMax, ' ')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace jit::sql
