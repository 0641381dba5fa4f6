// A WHERE that is there and restricts nothing, in the shapes in which it is written by mistake.

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "tests/sql/readings.h"

namespace jit::sql {
namespace {

bool Has(const std::string& sql, const std::string& code) {
  const Statement statement = Only(sql);
  for (const Finding& finding : statement.findings) {
    if (finding.code == code) {
      return true;
    }
  }
  return false;
}

TEST(Conditions, ThatRestrictNothingAreFound) {
  for (const char* where : {"true",
                            "1 = 1",
                            "1 <> 2",
                            "'a' = 'a'",
                            "2 > 1",
                            "not false",
                            "not (1 = 2)",
                            "'t'::bool",
                            "id = id",
                            "orders.id = id",
                            "id >= id",
                            "id is null or id is not null",
                            "total < 5 or total >= 5",
                            "total = 5 or total <> 5",
                            "id = 1 or true",
                            "open or not open",
                            "name like '%'",
                            "name like '%%'",
                            "name ilike '%'",
                            "name ~ '.*'",
                            "name ~ ''",
                            "id in (id)",
                            "id in (select id from orders)",
                            "id = any (select o.id from orders o)",
                            "id in (select id from orders where true)",
                            "exists (select 1)",
                            "id is not distinct from id",
                            "true is true",
                            "1 in (1, 2)",
                            "true and 1 = 1",
                            "(id = id) is not false"}) {
    for (const char* verb : {"DELETE FROM orders WHERE ", "UPDATE orders SET a = 1 WHERE "}) {
      EXPECT_TRUE(Has(std::string(verb) + where, "where_restricts_nothing")) << where;
    }
  }
}

TEST(Conditions, ThatRestrictAreLeftAlone) {
  for (const char* where : {"id = 1",
                            "id > 0",
                            "false",
                            "1 = 2",
                            "id = other",
                            "id is not null",
                            "name like 'a%'",
                            "name like '_%'",
                            "name not like '%'",
                            "id in (1, 2)",
                            "id in (select id from archive)",
                            "id in (select id from orders where total > 5)",
                            "id in (select id from orders limit 5)",
                            "id in (select other from orders)",
                            "id not in (select id from orders)",
                            "total < 5 or total > 5",
                            "id = 1 and true",
                            "exists (select 1 from flags where up)",
                            "random() = random()",
                            "id is null or name is not null",
                            "current_user = 'a'",
                            "id = $1",
                            "open",
                            "name ~ 'a'",
                            "id = 1 or id = 2"}) {
    EXPECT_FALSE(Has(std::string("DELETE FROM orders WHERE ") + where, "where_restricts_nothing"))
        << where;
    EXPECT_FALSE(Has(std::string("DELETE FROM orders WHERE ") + where, "no_where")) << where;
  }
}

TEST(Conditions, AJoinWithoutAJoinIsFound) {
  for (const char* sql :
       {"DELETE FROM a USING b WHERE b.x = 1", "UPDATE a SET x = b.x FROM b WHERE a.id = 5",
        "UPDATE a SET x = b.x FROM b WHERE a.id = b.id OR b.x = 1",
        "DELETE FROM a AS t USING b WHERE a.id = b.id",
        "MERGE INTO a USING b ON b.x = 1 WHEN MATCHED THEN DELETE"}) {
    EXPECT_TRUE(Has(sql, "cross_join_update")) << sql;
  }
  for (const char* sql :
       {"DELETE FROM a USING b WHERE a.id = b.id", "DELETE FROM a t USING b WHERE t.id = b.id",
        "UPDATE a SET x = 1 FROM b WHERE a_id = b_id",
        "UPDATE a SET x = 1 FROM (SELECT * FROM b) s WHERE s.id = a.id AND s.y = 2",
        "UPDATE a SET x = 1 FROM b JOIN c ON b.id = c.id WHERE (a.p, a.q) = (c.p, c.q)",
        "UPDATE a SET x = 1 FROM b WHERE a.id = b.id OR (a.k = b.k AND b.y)",
        "UPDATE a SET x = v.x FROM (VALUES (1, 2)) AS v (id, x) WHERE v.id = a.id",
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE",
        "UPDATE a SET x = 1 WHERE id = 1"}) {
    EXPECT_FALSE(Has(sql, "cross_join_update")) << sql;
  }
}

TEST(Conditions, AComparisonWithNullIsFound) {
  for (const char* where : {"a = NULL", "a <> NULL", "NULL = a", "a != NULL", "a NOT IN (1, NULL)",
                            "id = 1 AND (b OR a = NULL)"}) {
    EXPECT_TRUE(Has(std::string("SELECT * FROM t WHERE ") + where, "null_comparison")) << where;
  }
  for (const char* where :
       {"a IS NULL", "a IN (1, NULL)", "a NOT IN (1, 2)", "a IS DISTINCT FROM NULL"}) {
    EXPECT_FALSE(Has(std::string("SELECT * FROM t WHERE ") + where, "null_comparison")) << where;
  }
  EXPECT_FALSE(Has("UPDATE t SET a = NULL WHERE id = 1", "null_comparison"));
}

}  // namespace
}  // namespace jit::sql
