// The quarantine: what a change destroys is kept in the same transaction and comes back exactly,
// what PostgreSQL refuses is refused, and nobody reaches what is kept.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/target_postgres/kit.h"
#include "tests/target_postgres/keeping.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct Case {
  std::string loss, schema, name, part, options;
};

std::vector<Case> EveryKind() {
  return {
      {"table", "app", "lines"},
      {"table", "", "sales", "", "cascade"},
      {"table", "", "customers", "", "cascade"},
      {"table", "app", "parts"},
      {"table", "app", "parts_1"},
      {"view", "app", "total"},
      {"view", "app", "cheap_sales", "", "cascade"},
      {"materialized_view", "app", "count"},
      {"function", "app", "add", "integer, int", "arguments"},
      {"function", "app", "add", "text", "arguments"},
      {"function", "app", "run"},
      {"schema", "", "hollow"},
      {"schema", "", "branch", "", "cascade"},
      {"sequence", "app", "numbers"},
      {"sequence", "app", "sales_id_seq", "", "cascade"},
      {"type", "app", "unused"},
      {"index", "app", "sales_by_amount"},
      {"index", "app", "parts_by_time"},
      {"trigger", "app", "sales", "before_sales"},
      {"constraint", "app", "sales", "note_is_said"},
      {"constraint", "app", "sales", "sales_customer_note_key"},
      {"constraint", "app", "sales", "sales_pkey", "cascade"},
      {"constraint", "app", "lines", "lines_sale_fkey"},
      {"policy", "app", "sales", "cheap"},
      {"rule", "app", "customers", "quiet"},
      {"column", "app", "lines", "sale"},
      {"column", "app", "sales", "amount", "cascade"},
      {"column", "app", "customers", "mood"},
      {"rows", "app", "lines", "", "restart"},
      {"rows", "app", "customers", "", "cascade restart"},
      {"rows", "app", "parts"},
  };
}

TEST_F(Keep, EveryKindOfThingIsKeptAndComesBackExactly) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  for (const Case& one : EveryKind()) {
    SCOPED_TRACE(absl::StrCat(one.loss, " ", one.name, " ", one.part, " ", one.options));
    const std::string before = Snapshot();
    ASSERT_TRUE(holder.Run("begin"));
    const std::string said =
        holder.Ask(Call(one.loss, one.schema, one.name, one.part, one.options));
    EXPECT_THAT(said, Not(StartsWith("ERROR")));
    EXPECT_THAT(said, HasSubstr(one.part.empty() ? one.name : ""));
    ASSERT_TRUE(holder.Run("commit"));
    EXPECT_NE(Difference(before, Snapshot()), "");
    EXPECT_EQ(Undo(), "");
    EXPECT_EQ(Difference(before, Snapshot()), "");
    EXPECT_EQ(InQuarantine(), "");
  }
}

TEST_F(Keep, WhatIsRolledBackLeavesNothing) {
  const Opened runner = Runner("change-1", "rehearsal");
  Holder holder = Enter(runner);
  const std::string before = Snapshot();
  for (const Case& one : EveryKind()) {
    SCOPED_TRACE(absl::StrCat(one.loss, " ", one.name));
    ASSERT_TRUE(holder.Run("begin"));
    EXPECT_THAT(holder.Ask(Call(one.loss, one.schema, one.name, one.part, one.options)),
                Not(StartsWith("ERROR")));
    ASSERT_TRUE(holder.Run("rollback"));
  }
  EXPECT_EQ(Difference(before, Snapshot()), "");
  EXPECT_EQ(Sql("select count(*) from jit.kept"), "0");
  EXPECT_EQ(InQuarantine(), "");
  EXPECT_EQ(Sql("select count(*) from pg_namespace where nspname like 'jit\\_act%'"), "0");
}

TEST_F(Keep, NobodyReadsWhatIsInQuarantine) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  Holder reader(cluster().ConninfoFor("reader", "reader", "shop"));
  ASSERT_TRUE(reader.Connected());
  EXPECT_TRUE(reader.Run("select amount from app.sales"));
  holder.Ask(Call("table", "app", "sales", "", "cascade"));
  const std::string kept = Sql("select kept_as from jit.kept where loss = 'table'");
  EXPECT_EQ(reader.Ask("select amount from app.sales"), "ERROR 42P01");
  EXPECT_EQ(reader.Ask(absl::StrCat("select amount from ", kept)), "ERROR 42501");
  EXPECT_EQ(Sql(absl::StrCat("select has_any_column_privilege('reader', '", kept,
                             "', 'select, update') or has_table_privilege('reader', '", kept,
                             "', 'select')")),
            "f");
  // Not even who owned it, and not the one who kept it.
  EXPECT_TRUE(holder.Run("set role app_owner"));
  EXPECT_EQ(holder.Ask(absl::StrCat("select amount from ", kept)), "ERROR 42501");
  EXPECT_EQ(holder.Ask(absl::StrCat("drop table ", kept)), "ERROR 42501");
  EXPECT_EQ(holder.Ask("select * from jit.kept"), "ERROR 42501");
  // What is in quarantine does not bind what is alive.
  EXPECT_TRUE(holder.Run("delete from app.customers where id = 2"));
}

TEST_F(Keep, WhatPostgresRefusesIsRefusedAlike) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  const std::string before = Snapshot();
  const std::vector<std::pair<std::string, std::string>> refused = {
      {Call("table", "app", "sales"), "ERROR 2BP01"},
      {Call("view", "app", "cheap_sales"), "ERROR 2BP01"},
      {Call("function", "app", "same"), "ERROR 2BP01"},
      {Call("type", "app", "mood"), "ERROR 2BP01"},
      {Call("type", "app", "mood", "", "cascade"), "ERROR 2BP01"},
      {Call("sequence", "app", "sales_id_seq"), "ERROR 2BP01"},
      {Call("schema", "", "branch"), "ERROR 2BP01"},
      {Call("constraint", "app", "sales", "sales_pkey"), "ERROR 2BP01"},
      {Call("index", "app", "sales_pkey"), "ERROR 2BP01"},
      {Call("column", "app", "sales", "amount"), "ERROR 2BP01"},
      {Call("rows", "app", "customers"), "ERROR 0A000"},
      {Call("table", "app", "nowhere"), "ERROR 42P01"},
      {Call("view", "app", "sales"), "ERROR 42809"},
      {Call("table", "app", "total"), "ERROR 42809"},
      {Call("column", "app", "sales", "nothing"), "ERROR 42703"},
      {Call("trigger", "app", "sales", "nothing"), "ERROR 42704"},
      {Call("function", "app", "nothing"), "ERROR 42883"},
      {Call("function", "app", "add"), "ERROR 42725"},
      {Call("schema", "", "nothing"), "ERROR 3F000"},
      {Call("schema", "", "jit"), "ERROR 3F000"},
      {Call("table", "jit", "kept"), "ERROR 42P01"},
      {Call("unkeepable", "app", "sales"), "ERROR JT020"},
  };
  for (const auto& [sql, error] : refused) {
    EXPECT_EQ(holder.Ask(sql), error) << sql;
  }
  EXPECT_THAT(holder.Ask(Call("table", "app", "nowhere", "", "if_exists")),
              StartsWith("nothing to keep"));
  EXPECT_EQ(Difference(before, Snapshot()), "");
}

TEST_F(Keep, OnlyEnlistedLoginsThatOwnItKeepAnything) {
  const Opened writer = Open();
  Holder outsider = Enter(writer);
  EXPECT_EQ(outsider.Ask(Call("table", "app", "lines")), "ERROR 42501");
  // Enlisted by right and without a row of its own.
  Sql(absl::StrCat("grant app_owner, jit_runner to ", writer.login.text()));
  EXPECT_EQ(outsider.Ask(Call("table", "app", "lines")), "ERROR JT003");

  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  Sql("create table app.foreign_to_it(id int)");
  EXPECT_EQ(holder.Ask("select jit.keep('table', 'app', 'foreign_to_it', '', false, false, false, "
                       "false, '', '')"),
            "ERROR JT020");  // the schema's owner may drop it, and it is a superuser's
  Sql("create schema theirs authorization stranger; create table theirs.t(id int); alter table "
      "theirs.t owner to stranger; grant usage on schema theirs to public; grant stranger to "
      "jit_owner");
  EXPECT_EQ(holder.Ask(Call("table", "theirs", "t")), "ERROR 42501");
  EXPECT_EQ(holder.Ask(
                absl::StrReplaceAll(Call("table", "theirs", "t"), {{"'app_owner'", "'stranger'"}})),
            "ERROR 42501");
  EXPECT_EQ(holder.Ask(Call("schema", "", "theirs", "", "cascade")), "ERROR 42501");
  Sql(absl::StrCat("revoke app_owner from ", runner.login.text()));
  EXPECT_EQ(holder.Ask(Call("table", "app", "lines")), "ERROR 42501");
  // TRUNCATE can be given without the table.
  Sql("grant usage on schema app to app_writer");
  EXPECT_EQ(holder.Ask(absl::StrReplaceAll(Call("rows", "app", "lines"), {{"'app_owner'", "''"}})),
            "ERROR 42501");
  Sql("grant truncate on app.lines to app_writer");
  EXPECT_EQ(holder.Ask(absl::StrReplaceAll(Call("rows", "app", "lines", "", "restart"),
                                           {{"'app_owner'", "''"}})),
            "ERROR 42501");
  EXPECT_THAT(
      holder.Ask(absl::StrReplaceAll(Call("rows", "app", "lines"), {{"'app_owner'", "''"}})),
      HasSubstr("50 rows"));
  EXPECT_EQ(holder.Ask("select jit.undo_kept(1)"), "ERROR 42501");
  EXPECT_EQ(holder.Ask("select jit.as_owner('app_owner', 'select 1')"), "ERROR 42501");
  EXPECT_EQ(holder.Ask("select jit.take_steps('[]')"), "ERROR 42501");
}

TEST_F(Keep, NamesWithoutASchemaAreFoundAsTheCallerWouldFindThem) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  Sql("set role app_owner; create schema app_owner; create table app_owner.things(id int); create "
      "table public.things(id int)");
  const auto keep = [&](const std::string& path) {
    return holder.Ask(
        absl::StrCat("select jit.keep('table', '', 'things', '', false, false, false, false, '",
                     path, "', 'app_owner')"));
  };
  EXPECT_THAT(keep("\"$user\", public"), HasSubstr("app_owner.things"));
  EXPECT_THAT(keep("\"$user\", public"), HasSubstr("public.things"));
  EXPECT_EQ(keep("\"$user\", public"), "ERROR 42P01");
  EXPECT_TRUE(holder.Run("set role app_owner; create temp table things(id int)"));
  EXPECT_TRUE(holder.Run("reset role"));
  EXPECT_THAT(keep("public"), HasSubstr("temporary"));
  EXPECT_EQ(keep("public"), "ERROR 42P01");
}

TEST_F(Keep, ANameThatIsTakenAgainIsAConflictAndNothingIsDone) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  holder.Ask(Call("table", "app", "lines", "", "cascade"));
  Sql("set role app_owner; create table app.lines(other text)");
  EXPECT_THAT(Undo(), HasSubstr("relation \"lines\" already exists"));
  EXPECT_NE(InQuarantine(), "");
  Sql("drop table app.lines");
  Sql("create index lines_pkey on app.sales (id)");
  EXPECT_THAT(Undo(), HasSubstr("already exists"));
  Sql("drop index app.lines_pkey");
  EXPECT_EQ(Undo(), "");
  EXPECT_EQ(Sql("select count(*) from app.lines"), "50");
  EXPECT_THAT(Sql("select jit.undo_kept(min(seq)) from jit.kept"), HasSubstr("already"));
}

TEST_F(Keep, AScriptThatDropsAndMakesAgainIsTakenBackStepByStep) {
  const std::string before = Snapshot();
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  ASSERT_TRUE(holder.Run("begin"));
  for (const std::string& sql : std::vector<std::string>{
           Call("view", "app", "total"),
           Call("view", "app", "cheap_sales"),
           Call("policy", "app", "sales", "cheap"),
           Call("column_type", "app", "sales", "amount"),
           "set role app_owner",
           "alter table app.sales alter column amount type int using round(amount)",
           "reset role",
           "select jit.note_created('column_type', 'app', 'sales', 'amount', '', 'app_owner')",
           "set role app_owner",
           "create view app.cheap_sales as select id from app.sales",
           "reset role",
           "select jit.note_created('view', 'app', 'cheap_sales', '', '', 'app_owner')",
           Call("table", "app", "lines", "", "cascade"),
           "set role app_owner",
           "create table app.lines(other text); insert into app.lines values ('new')",
           "alter table app.customers add column email text",
           "update app.customers set email = 'a@b' where id = 1",
           "create index by_email on app.customers(email)",
           "reset role",
           "select jit.note_created('table', 'app', 'lines', '', '', 'app_owner')",
           "select jit.note_created('column', 'app', 'customers', 'email', '', 'app_owner')",
           "select jit.note_created('index', 'app', 'by_email', '', '', 'app_owner')",
       }) {
    EXPECT_TRUE(holder.Run(sql)) << sql << holder.Ask(sql);
  }
  EXPECT_THAT(holder.Ask("select jit.note_created('table', 'app', 'parts', '', '', 'app_owner')"),
              StartsWith("nothing to note"));
  ASSERT_TRUE(holder.Run("commit"));
  EXPECT_EQ(Undo(), "");
  EXPECT_EQ(Difference(before, Snapshot()), "");
  // What the change had made is kept in its turn, with what was in it.
  EXPECT_THAT(Sql("select what from jit.kept where restored_time is null order by seq"),
              HasSubstr("values of column app.customers.email"));
}

// Rows and things come back in one order, through the undo that people call.
TEST_F(Keep, AnUndoTakesBackRowsAndThingsTogether) {
  Sql("select jit.guard_attach(c, false) from unnest('{app.customers, app.sales, app.lines, "
      "app.parts, app.parts_1, app.parts_2}'::regclass[]) c");
  const std::string before = Snapshot();
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  EXPECT_EQ(holder.Ask("truncate app.lines"), "ERROR 42501");  // the guard, without a copy
  ASSERT_TRUE(holder.Run("begin"));
  for (const std::string& sql : std::vector<std::string>{
           "update app.sales set note = note || '!' where id <= 5",
           "delete from app.sales where id = 3",
           Call("column", "app", "customers", "mood"),
           "insert into app.customers (id, name) values (11, 'new')",
           Call("rows", "app", "lines", "", "restart"),
           "insert into app.lines (sale) values (4)",
           Call("rows", "app", "parts"),
           Call("table", "app", "sales", "", "cascade"),
           "create table app.sales(id int)",
           "alter table app.sales owner to app_owner",
           "select jit.note_created('table', 'app', 'sales', '', '', 'app_owner')",
           "insert into app.sales values (1)",
           "delete from app.customers where id = 1 and false",
           "delete from app.customers where id = 2",
       }) {
    const std::string said = holder.Ask(sql);
    EXPECT_THAT(said, Not(StartsWith("ERROR"))) << sql;
  }
  ASSERT_TRUE(holder.Run("commit"));
  const std::string after = Snapshot();
  EXPECT_NE(Difference(before, after), "");

  const Opened undoing = Runner("undo-1");
  Sql(absl::StrCat("select jit.permit_undo('", undoing.login.text(), "', '", runner.login.text(),
                   "', null, '{}', 'refuse')"));
  Holder undo = Enter(undoing);
  EXPECT_EQ(undo.Ask("select string_agg(what, '; ') from jit.undo(true) where kind <> 'step'"),
            "would be undone");
  EXPECT_EQ(Difference(after, Snapshot()), "");
  EXPECT_EQ(undo.Ask("select string_agg(what, '; ') from jit.undo(false) where kind <> 'step'"),
            "undone");
  EXPECT_EQ(Difference(before, Snapshot()), "");
}

TEST_F(Keep, ALossyChangeOfTypeComesBackWithItsValues) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  for (const auto& [column, type] : std::vector<std::pair<std::string, std::string>>{
           {"note", "varchar(3) using left(note, 3)"},
           {"id", "bigint"},
           {"customer", "text using 'x' || customer"}}) {
    SCOPED_TRACE(column);
    Sql("set role app_owner; drop view if exists app.cheap_sales cascade; alter table app.sales "
        "drop constraint if exists sales_customer_fkey, drop column if exists doubled, drop "
        "constraint if exists sales_customer_note_key; drop trigger if exists before_sales on "
        "app.sales; alter table app.lines drop constraint if exists lines_sale_fkey");
    const std::string before = Snapshot();
    ASSERT_TRUE(holder.Run("begin"));
    EXPECT_THAT(holder.Ask(Call("column_type", "app", "sales", column)), HasSubstr("100 values"));
    EXPECT_TRUE(
        holder.Run(absl::StrCat("alter table app.sales alter column ", column, " type ", type)));
    ASSERT_TRUE(holder.Run("commit"));
    EXPECT_NE(Difference(before, Snapshot()), "");
    // A value that was changed since is not overwritten.
    const std::string changed =
        Sql(absl::StrCat("select ", column, " from app.sales where id = 7"));
    if (column != "id") {
      Sql(absl::StrCat("update app.sales set ", column, " = '9' where id = 7"));
      EXPECT_THAT(Undo(), HasSubstr("(7)"));
      Sql(absl::StrCat("update app.sales set ", column, " = '", changed, "' where id = 7"));
    }
    EXPECT_EQ(Undo(), "");
    EXPECT_EQ(Difference(before, Snapshot()), "");
  }
  // A key that changes its own text would not find its rows again.
  ASSERT_TRUE(holder.Run("begin"));
  holder.Ask(Call("column_type", "app", "sales", "id"));
  EXPECT_TRUE(
      holder.Run("alter table app.sales alter column id drop default, alter column id type text "
                 "using 'x' || id"));
  EXPECT_EQ(holder.Ask("commit"), "ERROR JT020");
  Sql("set role app_owner; create table app.keyless(a int)");
  EXPECT_EQ(holder.Ask(Call("column_type", "app", "keyless", "a")), "ERROR JT020");
}

TEST_F(Keep, RowsThatStandInTheWayOfATruncatedTableAreAConflict) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  EXPECT_THAT(holder.Ask(Call("rows", "app", "sales", "", "cascade restart")),
              HasSubstr("150 rows in 2 tables"));
  EXPECT_EQ(Sql("select count(*) from app.sales"), "0");
  Sql("insert into app.sales (customer, note) values (1, 'new')");
  EXPECT_EQ(Sql("select max(id) from app.sales"), "1");
  EXPECT_THAT(Undo(), HasSubstr("duplicate key"));
  Sql("delete from app.sales");
  EXPECT_EQ(Undo(), "");
  EXPECT_EQ(Sql("select count(*) from app.sales"), "100");
  Sql("insert into app.sales (customer, note) values (1, 'next')");
  EXPECT_EQ(Sql("select max(id) from app.sales"), "101");
}

TEST_F(Keep, SeveralTablesOfOneStatementMayDependOnEachOther) {
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  Sql("drop view app.cheap_sales cascade");
  const std::string before = Snapshot();
  EXPECT_THAT(
      holder.Ask("select jit.keep_rows_together('{app,app}', '{sales,lines}', false, false, "
                 "'', 'app_owner')"),
      HasSubstr("150 rows in 2 tables"));
  EXPECT_EQ(Undo(), "");
  EXPECT_EQ(Difference(before, Snapshot()), "");
  for (const auto& [first, second] :
       {std::pair<std::string, std::string>{"sales", "lines"}, {"lines", "sales"}}) {
    ASSERT_TRUE(holder.Run("begin"));
    for (const auto& [one, other] : {std::pair{first, second}, std::pair{second, first}}) {
      std::string call = Call("table", "app", one, "", one == "lines" ? "cascade" : "");
      call.insert(call.size() - 1, absl::StrCat(", '{app}', '{", other, "}'"));
      EXPECT_THAT(holder.Ask(call), HasSubstr("quarantine"));
    }
    ASSERT_TRUE(holder.Run("commit"));
    EXPECT_EQ(Undo(), "");
    EXPECT_EQ(Difference(before, Snapshot()), "");
  }
}

// jit_owner can make roles: nothing that the owner of a table wrote may run with its powers.
TEST_F(Keep, CodeOfATablesOwnerRunsAsThatOwner) {
  Sql("create table public.seen(who text); grant insert on public.seen to public; set role "
      "app_owner; create function app.spy(int) returns boolean language plpgsql as 'begin insert "
      "into public.seen values (current_user); return true; end'; create table app.trap(id int "
      "primary key, v numeric check (app.spy(id))); create function app.spy() returns trigger "
      "language plpgsql as 'begin insert into public.seen values (current_user); return null; "
      "end'; create trigger spy before truncate on app.trap execute function app.spy(); insert "
      "into "
      "app.trap values (1, 1.5)");
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  holder.Ask(Call("rows", "app", "trap"));
  EXPECT_EQ(Undo(), "");
  ASSERT_TRUE(holder.Run("begin"));
  holder.Ask(Call("column_type", "app", "trap", "v"));
  EXPECT_TRUE(holder.Run("set local role app_owner; alter table app.trap alter column v type int"));
  ASSERT_TRUE(holder.Run("commit"));
  EXPECT_EQ(Undo(), "");
  holder.Ask(Call("constraint", "app", "trap", "trap_id_check"));
  EXPECT_EQ(Undo(), "");
  EXPECT_EQ(Sql("select distinct who from public.seen"), "app_owner");
}

TEST_F(Keep, CountingTheRowsOfATableThatWasNeverAnalysedIsNoUseOfIt) {
  Sql("create table app.fresh (n int); alter table app.fresh owner to app_owner; "
      "insert into app.fresh select generate_series(1, 10); select pg_stat_force_next_flush()");
  Holder holder = Enter(Runner("change-1"));
  EXPECT_THAT(holder.Ask(Call("table", "app", "fresh")), HasSubstr("about 10 rows"));
  holder.Ask("select pg_stat_force_next_flush()");
  EXPECT_EQ(Sql("select seq_scan > 0 from pg_stat_all_tables where relid = (select object from "
                "jit.kept where what = 'table app.fresh')"),
            "t");
  EXPECT_EQ(Sql("select what, touched from jit.kept_usage('change-1')"), "table app.fresh|no");
  Sql("select pg_stat_reset()");
  EXPECT_EQ(Sql("select what, touched from jit.kept_usage('change-1')"), "table app.fresh|unknown");
}

TEST_F(Keep, DroppingForGoodNeedsItsOwnPermitAndTakesOnlyThatChange) {
  const Opened first = Runner("change-1");
  Holder holder = Enter(first);
  for (const std::string& call :
       {Call("table", "app", "sales", "", "cascade"), Call("function", "app", "run"),
        Call("rows", "app", "parts"), Call("column", "app", "customers", "mood"),
        Call("schema", "", "branch", "", "cascade"), Call("type", "app", "unused"),
        Call("sequence", "app", "numbers"), Call("materialized_view", "app", "count")}) {
    EXPECT_THAT(holder.Ask(call), Not(StartsWith("ERROR"))) << call;
  }
  const Opened second = Runner("change-2");
  Holder other = Enter(second);
  EXPECT_THAT(other.Ask(Call("table", "app", "lines")), HasSubstr("quarantine"));

  holder.Ask("select pg_stat_force_next_flush()");
  EXPECT_THAT(Sql("select what, touched from jit.kept_usage('change-1') where bytes > 0"),
              HasSubstr("table app.sales|no"));
  EXPECT_EQ(Sql("select rows_estimate from jit.kept_usage('change-1') where what = 'rows of "
                "app.parts'"),
            "50");
  const std::string kept =
      Sql("select kept_as from jit.kept where what = 'table app.sales' and change = 'change-1'");
  Sql(absl::StrCat("select count(*) from ", kept));
  Sql("select pg_sleep(1.2)");
  Sql(absl::StrCat("select count(*) from ", kept, "; select pg_stat_force_next_flush()"));
  EXPECT_THAT(Sql("select what, touched from jit.kept_usage('change-1')"),
              HasSubstr("table app.sales|yes"));

  EXPECT_EQ(other.Ask("select jit.drop_for_good('change-1')"), "ERROR JT022");
  EXPECT_EQ(
      other.Ask(absl::StrCat("select jit.permit_drop('", second.login.text(), "', 'change-1')")),
      "ERROR 42501");
  Sql(absl::StrCat("select jit.permit_drop('", second.login.text(), "', 'change-1')"));
  EXPECT_THAT(other.Ask("select jit.drop_for_good(null)"), HasSubstr("dropped for good"));
  EXPECT_EQ(Sql("select count(*) from pg_namespace where nspname like 'jit\\_quarantine\\_k%'"),
            "0");
  EXPECT_EQ(Sql("select count(*) from pg_attribute where attname like 'jit\\_kept%'"), "0");
  EXPECT_EQ(Sql("select relname ~ 'lines$' from pg_class where relnamespace = "
                "'jit_quarantine'::regnamespace and relkind = 'r'"),
            "t");
  EXPECT_EQ(Sql("select count(*) from jit.kept_usage('change-1')"), "0");
  EXPECT_THAT(Undo(), HasSubstr("it was dropped for good"));
  EXPECT_EQ(Sql("select count(*) from app.lines"), "50");
  EXPECT_EQ(other.Ask("select jit.drop_for_good('change-1')"), "ERROR JT022");
}

TEST_F(Keep, InstallingTheKitAgainKeepsWhatIsKept) {
  const std::string before = Snapshot();
  const Opened runner = Runner("change-1");
  Holder holder = Enter(runner);
  EXPECT_THAT(holder.Ask(Call("table", "app", "lines", "", "cascade")), HasSubstr("quarantine"));
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), {}), IsOk());
  EXPECT_EQ(Undo(), "");
  EXPECT_EQ(Difference(before, Snapshot()), "");
}

}  // namespace
}  // namespace jit::testing
