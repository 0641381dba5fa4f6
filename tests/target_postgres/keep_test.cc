// The quarantine: what a change destroys is kept in the same transaction and comes back exactly,
// what PostgreSQL refuses is refused, and nobody reaches what is kept.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "broker/target_postgres/kit.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr absl::string_view kShop = R"(
create role reader login password 'reader';
create role stranger nologin;
grant app_owner to jit_owner;
grant create, usage on schema public to app_owner;
grant create on database shop to app_owner;
set role app_owner;
create schema app;
grant usage on schema app to reader;
create type app.mood as enum ('glad', 'sad');
grant usage on type app.mood to reader;
create type app.unused as (a int, b text);
grant usage on type app.unused to reader;
create sequence app.numbers start 5;
select nextval('app.numbers'), nextval('app.numbers');
grant usage on sequence app.numbers to reader;
create table app.customers(id int primary key, name text, mood app.mood default 'glad');
insert into app.customers select i, 'customer ' || i from generate_series(1, 10) i;
create table app.sales(
  id serial primary key,
  customer int references app.customers on delete cascade,
  amount numeric(10,2) not null default 1.5,
  note text constraint note_is_said check (note <> ''),
  doubled int generated always as (customer * 2) stored,
  unique (customer, note));
comment on table app.sales is 'what was sold';
comment on column app.sales.note is 'what was said';
comment on constraint note_is_said on app.sales is 'no empty words';
create index sales_by_amount on app.sales (amount) where amount > 2;
comment on index app.sales_by_amount is 'for the report';
create function app.same() returns trigger language plpgsql as 'begin return new; end';
create trigger before_sales before insert or update of note on app.sales
  for each row execute function app.same();
alter table app.sales disable trigger before_sales;
comment on trigger before_sales on app.sales is 'does nothing';
alter table app.sales enable row level security;
create policy cheap on app.sales as restrictive for select to reader using (amount < 100);
comment on policy cheap on app.sales is 'not for everybody';
create rule quiet as on delete to app.customers where old.id < 0 do instead nothing;
comment on rule quiet on app.customers is 'nobody below zero';
grant select on app.sales to reader;
grant update (note), select (amount) on app.sales to reader with grant option;
insert into app.sales (customer, amount, note)
  select i % 10 + 1, i * 1.11, 'note ' || i from generate_series(1, 100) i;
create table app.lines(
  id int generated always as identity primary key, sale int references app.sales on delete cascade);
insert into app.lines (sale) select i from generate_series(1, 50) i;
create view app.cheap_sales with (security_barrier = true) as
  select id, amount from app.sales where amount < 50;
comment on view app.cheap_sales is 'below fifty';
comment on column app.cheap_sales.id is 'of the sale';
grant select on app.cheap_sales to reader;
create view app.total as select sum(amount) as amount from app.cheap_sales;
create materialized view app.count as select count(*) as n from app.customers;
create unique index count_once on app.count (n);
grant select on app.count to reader;
create table app.parts(id int, at date, primary key (id, at)) partition by range (at);
create table app.parts_1 partition of app.parts for values from ('2026-01-01') to ('2026-02-01');
create table app.parts_2 partition of app.parts for values from ('2026-02-01') to ('2026-03-01');
create index parts_by_time on app.parts (at);
grant select on app.parts, app.parts_1 to reader;
insert into app.parts select i, date '2026-01-01' + i from generate_series(1, 50) i;
create function app.add(a int, b int default 2) returns int language sql as 'select a + b';
create function app.add(a text) returns text language sql as 'select a';
comment on function app.add(int, int) is 'adds';
revoke execute on function app.add(int, int) from public;
grant execute on function app.add(int, int) to reader;
create procedure app.run() language sql as 'select 1';
create schema branch;
grant usage on schema branch to reader;
create table branch.shops(id int primary key, customer int references app.customers);
insert into branch.shops values (1, 1);
create view app.shops as select id from branch.shops;
create schema hollow;
reset role;
)";

// The lines that are in one of the two only.
std::string Difference(const std::string& before, const std::string& after) {
  const std::vector<std::string> was = absl::StrSplit(before, '\n');
  const std::vector<std::string> is = absl::StrSplit(after, '\n');
  std::string difference;
  for (const std::string& line : was) {
    if (!absl::c_linear_search(is, line)) absl::StrAppend(&difference, "was: ", line, "\n");
  }
  for (const std::string& line : is) {
    if (!absl::c_linear_search(was, line)) absl::StrAppend(&difference, "is: ", line, "\n");
  }
  return difference;
}

// Everything that a catalog says about these schemas, and every row in them.
constexpr absl::string_view kSnapshot = R"(
create schema watching;
create function watching.snapshot() returns setof text language sql as $snapshot$
with nsp as (
  select oid, nspname, nspowner, nspacl from pg_namespace
  where nspname in ('app', 'branch', 'hollow', 'public')
), rel as (
  select c.* from pg_class c join nsp on nsp.oid = c.relnamespace
)
select line from (
  select format('schema %s %s %s', nspname, nspowner, nspacl) as line from nsp
  union all
  select format('relation %s %s %s %s %s %s %s %s', oid::regclass, relkind, relowner::regrole, relacl,
                reloptions, relrowsecurity, relispartition, pg_get_expr(relpartbound, oid)) from rel
  union all
  select format('column %s %s %s %s %s %s %s %s', attrelid::regclass,
                row_number() over (partition by attrelid order by attnum), attname,
                format_type(atttypid, atttypmod), attnotnull, attacl, attidentity,
                (select pg_get_expr(adbin, adrelid) from pg_attrdef
                 where adrelid = attrelid and adnum = attnum))
  from pg_attribute join rel on rel.oid = attrelid where attnum > 0 and not attisdropped
  union all
  select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
  from pg_constraint k join rel on rel.oid = conrelid
  union all
  select format('index %s', pg_get_indexdef(indexrelid)) from pg_index join rel on rel.oid = indrelid
  union all
  select format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled)
  from pg_trigger t join rel on rel.oid = tgrelid where not tgisinternal
  union all
  select format('policy %s %s %s %s %s', polname, polcmd, polpermissive, polroles::regrole[],
                pg_get_expr(polqual, polrelid)) from pg_policy join rel on rel.oid = polrelid
  union all
  select format('rule %s', pg_get_ruledef(r.oid)) from pg_rewrite r join rel on rel.oid = ev_class
  union all
  select format('comment %s %s', pg_describe_object(classoid, objoid, objsubid), description)
  from pg_description
  where objoid in (select oid from rel)
     or objoid in (select oid from pg_constraint where conrelid in (select oid from rel))
     or objoid in (select oid from pg_trigger where tgrelid in (select oid from rel))
     or objoid in (select oid from pg_policy where polrelid in (select oid from rel))
     or objoid in (select oid from pg_rewrite where ev_class in (select oid from rel))
     or objoid in (select oid from pg_proc where pronamespace in (select oid from nsp))
  union all
  select format('function %s %s %s', pg_get_functiondef(p.oid), proowner::regrole, proacl)
  from pg_proc p join nsp on nsp.oid = pronamespace
  union all
  select format('type %s %s %s', t.oid::regtype, typowner::regrole,
                array(select a::text from unnest(typacl) a order by 1))
  from pg_type t join nsp on nsp.oid = typnamespace
  union all
  select format('owned %s by %s', objid::regclass, refobjid::regclass)
  from pg_depend join rel on rel.oid = objid and relkind = 'S'
  where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype in ('a', 'i')
  union all
  select format('rows %s %s', oid::regclass, md5(query_to_xml(
           format(case relkind when 'S' then 'select last_value, is_called from %s'
                  else 'select t::text from %s t order by 1' end, oid::regclass), true, false, '')::text))
  from rel where relkind in ('r', 'm', 'S')
) s order by line;
$snapshot$;
)";

class Keep : public Stage {
 protected:
  void SetUp() override {
    Stage::SetUp();
    Sql(kShop);
    Sql(kSnapshot);
  }

  // A login that runs a change, as a member of the owner.
  Opened Runner(const std::string& change, const std::string& purpose = "execution") {
    Opened opened = Open();
    const std::string& login = opened.login.text();
    Sql(absl::StrCat("grant app_owner, jit_runner to ", login,
                     "; insert into jit.guard (login, purpose, valid_until, change) values ('",
                     login, "', '", purpose, "', now() + interval '1 hour', '", change, "')"));
    return opened;
  }

  static std::string Call(const std::string& loss, const std::string& schema,
                          const std::string& name, const std::string& part = "",
                          const std::string& options = "") {
    const auto has = [&](const char* word) {
      return options.find(word) != std::string::npos ? "true" : "false";
    };
    return absl::StrCat("select jit.keep('", loss, "', '", schema, "', '", name, "', '", part,
                        "', ", has("arguments"), ", ", has("if_exists"), ", ", has("cascade"), ", ",
                        has("restart"), ", 'app, public', 'app_owner')");
  }

  std::string Snapshot() { return Sql("select * from watching.snapshot()"); }

  // Takes back everything that is still to be taken back, newest first; answers the conflicts.
  std::string Undo() {
    return Sql(
        "select c ->> 'what' from (select jit.undo_kept(seq) -> 'conflicts' as list from (select "
        "seq from jit.kept where restored_time is null order by seq desc) k) u, "
        "jsonb_array_elements(u.list) c");
  }

  std::string InQuarantine() {
    return Sql(
        "select relname from pg_class where relnamespace = 'jit_quarantine'::regnamespace and "
        "relkind in ('r', 'p', 'v', 'm', 'S')");
  }
};

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
  EXPECT_THAT(other.Ask("select jit.drop_for_good('change-1')"), HasSubstr("dropped for good"));
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
