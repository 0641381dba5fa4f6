#include "tests/properties/random_tables.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace jit::testing {
namespace {

constexpr const char* kSimpleValues[][2] = {
    {"text", "case when {} % 5 = 0 then null else repeat('v', {} % 7) || ',\"''\\' end"},
    {"jsonb", "jsonb_build_object('n', {}, 'l', array[{}, null])"},
    {"int[]", "array[{}, null, -{}]"},
    {"float8", "({})::float8 / 7"},
    {"numeric", "({})::numeric / 3"},
    {"timestamptz", "timestamptz '2026-03-29 00:30+00' + ({}) * interval '17 minutes'"},
    {"interval", "({}) * interval '1 month 2 days 03:04:05.6'"},
    {"bytea", "decode(lpad(to_hex({}), 8, '0'), 'hex')"},
    {"boolean", "({}) % 2 = 0"},
    {"json", "format('{\"b\": %s,  \"a\":1, \"b\":2}', {})::json"},
    {"int4range", "int4range({}, ({}) + 5)"},
    {"char(9)", "({})::text"},
};

}  // namespace

const std::vector<RandomTables::KeyType>& RandomTables::KeyTypes() {
  static const std::vector<KeyType> types = {
      {"int", "{}", "k + 5000"},
      {"int", "{}", "-k"},
      {"bigint", "({})::bigint * 4000000000", "k + 1"},
      {"smallint", "({})::smallint", "k + 2000::smallint"},
      {"text", "'k,\"' || {}", "k || 'x'"},
      {"varchar(20)", "'Key ' || {}", "reverse(k)"},
      {"uuid", "md5(({})::text)::uuid", "md5(k::text)::uuid"},
      {"date", "date '2026-01-01' + ({})", "k + 9000"},
      {"numeric(12,3)", "({}) * 1.125", "k + 0.001"},
      {"timestamptz", "timestamptz '2026-10-25 00:00+00' + ({}) * interval '20 minutes'",
       "k + interval '40 days'"},
      {"bytea", "decode(lpad(to_hex({}), 8, '0'), 'hex')", "k || '\\x01'::bytea"},
      {"int[]", "array[{}, 1]", "k || 7"},
  };
  return types;
}

std::string RandomTables::With(const std::string& pattern, const std::string& number) {
  return absl::StrReplaceAll(pattern, {{"{}", number}});
}

const RandomTables::Table* RandomTables::AnyParent() {
  std::vector<const Table*> parents;
  for (const Table& table : tables_) {
    if (!table.key.empty() && table.second_key.empty()) parents.push_back(&table);
  }
  return parents.empty() ? nullptr : AnyOf(parents);
}

void RandomTables::ChooseKey(Table& table) {
  if (chance_.OnceIn(7)) return;  // no key at all
  table.type = AnyOf(KeyTypes());
  table.key = "k";
  const Table* parent = chance_.OnceIn(4) ? AnyParent() : nullptr;
  if (parent != nullptr) {
    table.key_refers = true;
    table.parent = parent->name;
    table.type = parent->type;
  } else if ((table.type.type == "int" || table.type.type == "bigint") && chance_.OnceIn(3)) {
    table.identity = chance_.OnceIn(2) ? Table::Identity::kAlways : Table::Identity::kByDefault;
  }
  if (chance_.OnceIn(4)) table.second_key = chance_.OnceIn(2) ? "a" : "b";
}

std::string RandomTables::Reference(const Table& from, const Table& parent) {
  const std::vector<std::string> actions = {"cascade", "cascade", "set null", "no action",
                                            "restrict"};
  // Deferred without an action only, and a table that refers to itself without an action on UPDATE:
  // docs/design/guard.md says why.
  if (chance_.OnceIn(5)) {
    return absl::StrCat(" references ", Name(parent), " deferrable initially deferred");
  }
  return absl::StrCat(" references ", Name(parent), " on delete ", AnyOf(actions), " on update ",
                      &from == &parent ? "no action" : AnyOf(actions));
}

std::string RandomTables::Columns(Table& table) {
  const auto& value = kSimpleValues[chance_.Below(std::size(kSimpleValues))];
  table.value = value[1];
  std::vector<std::string> columns;
  const auto find = [&](const std::string& name) {
    for (const Table& other : tables_) {
      if (other.name == name) return &other;
    }
    return static_cast<const Table*>(nullptr);
  };
  std::string key = absl::StrCat("k ", table.key.empty() ? "int" : table.type.type);
  if (table.identity != Table::Identity::kNone) {
    absl::StrAppend(&key, " generated ",
                    table.identity == Table::Identity::kAlways ? "always" : "by default",
                    " as identity (start 100000)");
  }
  if (table.key_refers) absl::StrAppend(&key, Reference(table, *find(table.parent)));
  columns.push_back(key);
  if (chance_.OnceIn(3)) columns.push_back("gone int");  // dropped afterwards
  columns.push_back("a int not null");
  columns.push_back("b text not null");
  columns.push_back(absl::StrCat("v ", value[0]));
  columns.push_back("stamp timestamptz");
  if (chance_.OnceIn(3)) {
    columns.push_back("twice numeric generated always as (a * 2.50) stored");
  }
  const Table* parent = table.key_refers || chance_.OnceIn(3) ? nullptr : AnyParent();
  if (parent != nullptr) {
    table.parent = parent->name;
    columns.push_back(absl::StrCat("r ", parent->type.type, Reference(table, *parent)));
  } else if (!table.key_refers && !table.key.empty() && table.second_key.empty() &&
             table.identity == Table::Identity::kNone && chance_.OnceIn(2)) {
    table.parent = table.name;  // refers to itself
    columns.push_back(absl::StrCat("r ", table.type.type, Reference(table, table)));
  }
  if (!table.key.empty()) {
    columns.push_back(absl::StrCat("primary key (k", table.second_key.empty() ? "" : ", ",
                                   table.second_key, ")"));
  }
  return absl::StrJoin(columns, ", ");
}

std::string RandomTables::Partitions(Table& table) {
  if (table.key.empty() || !chance_.OnceIn(4)) return "";
  const std::string whole = Name(table);
  std::string sql;
  if (table.type.type == "int" && chance_.OnceIn(2)) {
    const char* bounds[] = {"minvalue", "8", "15", "maxvalue"};
    for (int i = 0; i < 3; ++i) {
      absl::StrAppend(&sql, "create table ", whole, "_", i, " partition of ", whole,
                      " for values from (", bounds[i], ") to (", bounds[i + 1], ");\n");
      table.parts.push_back(absl::StrCat(table.name, "_", i));
    }
    return absl::StrCat(" partition by range (k);\n", sql);
  }
  for (int i = 0; i < 3; ++i) {
    absl::StrAppend(&sql, "create table ", whole, "_", i, " partition of ", whole,
                    " for values with (modulus 3, remainder ", i, ");\n");
    table.parts.push_back(absl::StrCat(table.name, "_", i));
  }
  return absl::StrCat(" partition by hash (k);\n", sql);
}

std::string RandomTables::Triggers(const Table& table) {
  std::string sql;
  if (chance_.OnceIn(3)) {
    absl::StrAppend(&sql, "create trigger stamping before insert or update on ", Name(table),
                    " for each row execute function ", schema_, ".stamp();\n");
  }
  if (chance_.OnceIn(4)) {
    absl::StrAppend(&sql, "create trigger hearing after insert or update or delete on ",
                    Name(table), " for each row execute function ", schema_, ".hear();\n");
  }
  return sql;
}

std::string RandomTables::ColumnList(const Table& table) const {
  return absl::StrCat("k, a, b, v", table.parent.empty() || table.key_refers ? "" : ", r");
}

std::string RandomTables::Rows(const Table& table, const std::string& series,
                               const std::string& conflict) {
  // Any key of the parent that is there, another one for every row.
  const std::string any = table.parent.empty() || table.parent == table.name
                              ? "null"
                              : absl::StrCat("(select k from ", schema_, ".", table.parent,
                                             " order by md5(concat(k, i)), k limit 1)");
  const std::string key = table.key_refers    ? any
                          : table.key.empty() ? "i % 3"
                                              : With(table.type.value, "i");
  return absl::StrCat("insert into ", Name(table), " (", ColumnList(table),
                      ") overriding system value select ", key, ", i % 10, 'b' || i % 4, ",
                      With(table.value, "i"),
                      table.parent.empty() || table.key_refers ? "" : absl::StrCat(", ", any),
                      " from generate_series(", series, ") i", conflict);
}

std::string RandomTables::Make(const std::string& schema) {
  schema_ = schema;
  std::string sql = absl::StrCat(
      "create schema ", schema, ";\ncreate table ", schema,
      ".heard (id bigint generated always as identity primary key, what text);\n"
      "create function ",
      schema,
      ".stamp() returns trigger language plpgsql as"
      " $$ begin new.stamp := clock_timestamp(); return new; end $$;\n"
      "create function ",
      schema, ".hear() returns trigger language plpgsql security definer as $$ begin insert into ",
      schema, ".heard (what) values (tg_table_name || tg_op); return null; end $$;\n");
  const int many = 2 + static_cast<int>(chance_.Below(4));
  for (int i = 0; i < many; ++i) {
    Table table;
    table.name = absl::StrCat("t", i);
    table.rows = 5 + static_cast<int>(chance_.Below(25));
    ChooseKey(table);
    const std::string columns = Columns(table);
    const std::string parts = Partitions(table);
    absl::StrAppend(&sql, "create table ", Name(table), " (", columns, ")",
                    parts.empty() ? ";\n" : parts);
    if (columns.find("gone int") != std::string::npos) {
      absl::StrAppend(&sql, "alter table ", Name(table), " drop column gone;\n");
    }
    if (table.parts.empty() && chance_.OnceIn(4)) {
      absl::StrAppend(&sql, "create unique index on ", Name(table), " (a, b, k);\n");
    }
    absl::StrAppend(&sql, Rows(table, absl::StrCat("1, ", table.rows), " on conflict do nothing"),
                    ";\n");
    if (table.parent == table.name) {
      absl::StrAppend(&sql, "update ", Name(table), " set r = (select min(k::text) from ",
                      Name(table), ")::", table.type.type, " where a > 3;\n");
    }
    absl::StrAppend(&sql, Triggers(table));
    tables_.push_back(table);
  }
  return sql;
}

std::string RandomTables::Where() {
  switch (chance_.Below(8)) {
    case 0:
      return "";
    case 1:
      return " where true";
    case 2:
      return absl::StrCat(" where b = 'b", chance_.Below(4), "'");
    case 3:
      return absl::StrCat(" where a = ", chance_.Below(10));
    case 4:
      return " where v is null";
    case 5:
      return absl::StrCat(" where a between ", chance_.Below(5), " and ", 4 + chance_.Below(6));
    case 6:
      return absl::StrCat(" where a % 2 = ", chance_.Below(2));
    default:
      return absl::StrCat(" where k in (select k from ", Name(AnyTable()), ")");
  }
}

std::string RandomTables::Change(const Table& table) {
  std::string name = Name(table);
  if (!table.parts.empty() && chance_.OnceIn(4)) {
    name = absl::StrCat(schema_, ".", AnyOf(table.parts));
  }
  switch (chance_.Below(table.parent.empty() ? 5 : 7)) {
    case 0:
      return absl::StrCat("update ", name, " set a = a + 1", Where());
    case 1:
      return absl::StrCat("update ", name, " set b = b || 'x', v = null", Where());
    case 2:
      return absl::StrCat("update ", name, " set a = 9 - a, v = ", With(table.value, "a"), Where());
    case 3:
    case 4:
      return absl::StrCat("update ", name,
                          " set k = ", table.key.empty() ? "k + 1" : table.type.moved, Where());
    case 5:
      return absl::StrCat("update ", name, " set ", table.key_refers ? "k" : "r", " = null",
                          Where());
    default:
      return absl::StrCat("update ", name, " set ", table.key_refers ? "k" : "r",
                          " = (select k from ", schema_, ".", table.parent,
                          " order by k desc limit 1)", Where());
  }
}

std::string RandomTables::Upsert(const Table& table) {
  if (table.key.empty()) return Rows(table, "1, 5", "");
  const std::string target =
      absl::StrCat("(k", table.second_key.empty() ? "" : ", ", table.second_key, ")");
  switch (chance_.Below(3)) {
    case 0:
      return Rows(table, "1, 40", " on conflict do nothing");
    case 1:
      return Rows(
          table, "5, 35",
          absl::StrCat(" on conflict ", target, " do update set v = excluded.v, stamp = null"));
    default:
      return Rows(table, "1, 12",
                  absl::StrCat(" on conflict ", target, " do update set k = ",
                               absl::StrReplaceAll(table.type.moved, {{"k", "excluded.k"}})));
  }
}

std::string RandomTables::Merge(const Table& table) {
  return absl::StrCat("merge into ", Name(table), " t using (select distinct a, b from ",
                      Name(AnyTable()),
                      " where a < 4) s on s.a = t.a and s.b = t.b"
                      " when matched and t.a = 1 then delete"
                      " when matched then update set b = t.b || 'm'");
}

std::string RandomTables::Delete(const Table& table) {
  if (chance_.OnceIn(3)) {
    const std::string columns = ColumnList(table);
    return absl::StrCat(
        "with moved as (delete from ", Name(table), Where(), " returning *)", " insert into ",
        Name(table), " (", columns, ") overriding system value select ",
        absl::StrReplaceAll(
            columns, {{"k,", absl::StrCat(table.key.empty() ? "k" : table.type.moved, ",")}}),
        " from moved");
  }
  return absl::StrCat("delete from ", Name(table), Where());
}

std::string RandomTables::Statement() {
  const Table& table = AnyTable();
  switch (chance_.Below(12)) {
    case 0:
    case 1: {
      const int from = next_;
      next_ += 20;
      return Rows(table, absl::StrCat(from, ", ", from + chance_.Below(12)), "");
    }
    case 2:
    case 3:
      return Upsert(table);
    case 4:
      return Merge(table);
    case 5:
    case 6:
    case 7:
      return Delete(table);
    case 8:
      // How a change truncates: the rows are kept, then taken.
      return absl::StrCat("select jit.keep('rows', '", schema_, "', '", table.name,
                          "', '', false, false, ", chance_.OnceIn(2) ? "true" : "false", ", ",
                          chance_.OnceIn(2) ? "true" : "false", ", 'public', 'app_owner')");
    default:
      return Change(table);
  }
}

}  // namespace jit::testing
