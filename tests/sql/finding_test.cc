#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "broker/sql/finding_code.h"
#include "tests/sql/readings.h"
#include "tests/testing/pages.h"

namespace jit::sql {
namespace {

struct Row {
  std::string sql;
  std::string codes;
};

void ExpectCodes(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(CodesOf(Only(row.sql)), row.codes) << row.sql;
  }
}

TEST(Findings, OrdinaryStatementsHaveNone) {
  ExpectCodes({
      {"SELECT * FROM a WHERE id = 1", ""},
      {"UPDATE a SET b = 1 WHERE id = 1", ""},
      {"INSERT INTO a (b) VALUES (1)", ""},
      {"CREATE TABLE a (b int NOT NULL DEFAULT 1)", ""},
      {"ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 1", ""},
      {"CREATE INDEX ON a (b)", ""},
      {"SELECT jit.a FROM shop.jit AS jit", ""},
      {"UPDATE a SET b = 1 WHERE CURRENT OF c", ""},
      {"EXPLAIN DELETE FROM a", ""},
      {"SELECT pg_advisory_xact_lock(1)", ""},
      {"SELECT \"Id\" FROM \"Orders\"", ""},
  });
}

TEST(Findings, TellWhatATableLoses) {
  ExpectCodes({
      {"UPDATE a SET b = 1", "no_where"},
      {"DELETE FROM a", "no_where"},
      {"WITH d AS (DELETE FROM a) SELECT 1", "no_where"},
      {"EXPLAIN ANALYZE DELETE FROM a", "no_where"},
      {"INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET b = 2", "overwrites_on_conflict"},
      {"INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING", ""},
      {"MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", "where_restricts_nothing"},
      {"SELECT * FROM a FOR UPDATE", "locks_rows"},
      {"TRUNCATE a", "truncate"},
      {"TRUNCATE a RESTART IDENTITY CASCADE", "truncate drop_cascade sequence_reset"},
      // Objects.
      {"DROP TABLE a", "drop"},
      {"DROP TABLE a CASCADE", "drop drop_cascade"},
      {"DROP EXTENSION e", "drop_unkeepable drop"},
      {"ALTER TABLE a DROP COLUMN b", "drop"},
      {"ALTER TABLE a ALTER b TYPE int", "lossy_type_change"},
      {"ALTER TABLE a DISABLE TRIGGER ALL", "disable_trigger"},
      {"ALTER TABLE a DISABLE TRIGGER x", "disable_trigger"},
      {"ALTER TABLE a ENABLE REPLICA TRIGGER x", "disable_trigger"},
      {"ALTER TABLE a ENABLE TRIGGER x", ""},
      {"ALTER TABLE a DISABLE ROW LEVEL SECURITY", "row_security_off"},
      {"ALTER TABLE a ALTER b SET NOT NULL", "set_not_null_or_default"},
      {"ALTER TABLE a ADD b uuid DEFAULT gen_random_uuid()", "set_not_null_or_default"},
      {"ALTER SEQUENCE s RESTART WITH 1", "sequence_reset"},
      {"CREATE OR REPLACE VIEW v AS SELECT 1", "replaces_definition"},
      {"CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = a "
       "AS 'SELECT 1'",
       "create_function_definer"},
      {"CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'a', 'b'", "unread_body"},
      {"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM a; END'",
       "no_where"},
  });
}

TEST(Findings, TellRightsAndSessions) {
  ExpectCodes({
      {"GRANT SELECT ON a TO b", "rights_change"},
      {"REVOKE SELECT ON a FROM b", "rights_change"},
      {"ALTER TABLE a OWNER TO b", "rights_change"},
      {"CREATE ROLE r", "rights_change"},
      // The session and the transaction.
      {"BEGIN", "transaction_control"},
      {"COMMIT", "transaction_control"},
      {"ROLLBACK", "transaction_control"},
      {"SAVEPOINT a", "transaction_control"},
      {"PREPARE TRANSACTION 'a'", "transaction_control"},
      {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "transaction_control"},
      {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "transaction_control"},
      {"SET ROLE x", "session_authorization"},
      {"SET LOCAL ROLE x", "session_authorization"},
      {"RESET ROLE", "session_authorization"},
      {"SET SESSION AUTHORIZATION x", "session_authorization"},
      {"SET session_replication_role = replica", "session_authorization"},
      {"SET \"Session_Replication_Role\" = replica", "session_authorization"},
      {"SELECT set_config('role', 'x', true)", "session_authorization dangerous_function"},
      {"DISCARD PLANS", "session_authorization"},
      {"SET standard_conforming_strings = off", "setting_changes_reading"},
      {"SET NAMES 'latin1'", "setting_changes_reading"},
      {"SET lock_timeout = 0", "setting_weakens"},
      {"SET search_path = a", "setting_weakens"},
      {"RESET ALL", "setting_weakens"},
      {"SET work_mem = '1GB'", "setting_kept"},
      {"SET jit = off", "setting_kept"},
      {"SET jit.lease = 'x'", "touches_guard"},
  });
}

TEST(Findings, TellWhatReachesBeyondTheTransaction) {
  ExpectCodes({
      {"COPY a FROM STDIN", "copy_from_stdin"},
      {"COPY a FROM PROGRAM 'x'", "copy_program"},
      {"COPY a TO PROGRAM 'x'", "copy_program"},
      {"COPY a TO '/x'", "copy_file"},
      {"SELECT pg_terminate_backend(1)", "dangerous_function"},
      {"SELECT * FROM dblink('a', 'b') AS t (x int)", "dangerous_function"},
      {"SELECT lo_unlink(1)", "dangerous_function"},
      {"SELECT pg_catalog.pg_read_file('a')", "dangerous_function"},
      {"SELECT query_to_xml('a', true, true, '')", "dangerous_function"},
      {"INSERT INTO a VALUES (nextval('s'))", "not_rolled_back"},
      {"SELECT pg_advisory_lock(1)", "not_rolled_back"},
      {"LISTEN x", "listen_notify"},
      {"SELECT pg_notify('a', 'b')", "listen_notify"},
      {"VACUUM a", "not_in_transaction"},
      {"PREPARE p AS SELECT 1", "prepared_statement"},
  });
}

TEST(Findings, TellWhatABodyDoes) {
  ExpectCodes({
      {"DO 'BEGIN END'", "do_block"},
      {"DO $$ BEGIN EXECUTE 'a' || b; END $$", "dynamic_sql do_block"},
      {"DO $$ DECLARE r record; BEGIN FOR r IN EXECUTE 'a' LOOP END LOOP; END $$",
       "dynamic_sql do_block"},
      {"DO $$ BEGIN ROLLBACK; END $$", "transaction_control_inside do_block"},
      {"DO $$ BEGIN UPDATE a SET b = 1; END $$", "no_where do_block"},
      {"DO $$ BEGIN PERFORM pg_sleep(1); END $$", "dangerous_function do_block"},
      {"DO $$ DECLARE n int; BEGIN n := 1; n = NULL; IF n > 1 THEN NULL; END IF; END $$",
       "do_block"},
      {"DO $$ DECLARE r shop.orders%ROWTYPE; n shop.\"orders\".id%TYPE; BEGIN n := 7 % 2; "
       "DELETE FROM b; END $$",
       "no_where do_block"},
      {"DO LANGUAGE plpython3u 'x'", "unread_body do_block"},
      {"DO $$ nonsense $$", "unread_body do_block"},
  });
}

TEST(Findings, TellTheBrokersOwn) {
  ExpectCodes({
      {"DELETE FROM jit.image WHERE id = 1", "touches_guard"},
      {"SELECT * FROM jit_quarantine.a", "touches_guard"},
      {"SELECT jit.off()", "touches_guard"},
      {"DROP SCHEMA jit", "touches_guard drop"},
      {"DROP FUNCTION jit.f()", "touches_guard drop"},
      {"DROP TRIGGER t ON jit.a", "touches_guard drop"},
      {"ALTER TABLE a SET SCHEMA jit", "touches_guard"},
      {"ALTER SCHEMA jit RENAME TO x", "touches_guard"},
      {"CREATE SCHEMA jit", "touches_guard"},
      {"GRANT jit_abc TO x", "touches_guard rights_change"},
      {"ALTER ROLE jit_abc NOLOGIN", "touches_guard rights_change"},
      {"DROP ROLE jit_abc", "drop_unkeepable touches_guard drop"},
      {"DO $$ BEGIN DELETE FROM jit.image WHERE id = 1; END $$", "touches_guard do_block"},
  });
}

TEST(Findings, TellFoldedNames) {
  ExpectCodes({
      {"SELECT Id FROM Orders", "case_folded_name"},
      {"SELECT 1 FROM Shop.orders", "case_folded_name"},
  });
}

TEST(Findings, NamesThatDependOnTheSearchPathAreNoted) {
  const auto noted = [](const std::string& sql) {
    for (const Finding& finding : Only(sql).findings) {
      if (finding.code == "unqualified_name") {
        return finding.why;
      }
    }
    return std::string();
  };
  EXPECT_EQ(noted("SELECT 1 FROM a, s.b, c, pg_class"),
            "which schema is meant depends on search_path: a, c");
  EXPECT_EQ(noted("SELECT 1 FROM s.b"), "");
  EXPECT_EQ(noted("WITH w AS (SELECT 1) SELECT * FROM w"), "");
}

TEST(Findings, TheWorstOneCounts) {
  const auto worst = [](const std::string& sql) { return WorstOf(*Analyse(sql)); };
  EXPECT_EQ(worst("SELECT 1"), std::nullopt);
  EXPECT_EQ(worst("SELECT 1 FROM a"), Severity::kNote);
  EXPECT_EQ(worst("SELECT 1 FROM a; DELETE FROM a; GRANT b TO c"), Severity::kDanger);
  EXPECT_EQ(worst("COMMIT; DELETE FROM a"), Severity::kRefused);
}

TEST(Findings, TheReferencePageListsThemAllInTheOrderOfTheCode) {
  const auto rows = testing::TableIn("docs/reference/findings.md", "| Code | Severity |");
  ASSERT_EQ(rows.size(), AllCodes().size());
  std::set<std::string> words;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CodeRow& row = AllCodes()[i];
    ASSERT_EQ(rows[i].size(), 3U) << row.word;
    EXPECT_EQ(static_cast<std::size_t>(row.code), i) << row.word;
    EXPECT_EQ(rows[i][0], std::string(row.word));
    EXPECT_EQ(rows[i][1], SeverityWord(row.severity)) << row.word;
    EXPECT_FALSE(rows[i][2].empty()) << row.word;
    EXPECT_TRUE(words.insert(rows[i][0]).second) << row.word;
  }
}

}  // namespace
}  // namespace jit::sql
