#include "tests/target_postgres/keeping.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jit::testing {
namespace {

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
  select format('relation %s %s %s %s %s %s %s %s', oid::regclass, relkind,
                relowner::regrole, relacl, reloptions, relrowsecurity, relispartition,
                pg_get_expr(relpartbound, oid)) from rel
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
  select format('index %s', pg_get_indexdef(indexrelid)) from pg_index
  join rel on rel.oid = indrelid
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
  where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass
    and deptype in ('a', 'i')
  union all
  select format('rows %s %s', oid::regclass, md5(query_to_xml(
           format(case relkind when 'S' then 'select last_value, is_called from %s'
                  else 'select t::text from %s t order by 1' end, oid::regclass),
                  true, false, '')::text))
  from rel where relkind in ('r', 'm', 'S')
) s order by line;
$snapshot$;
)";

}  // namespace

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

void Keep::SetUp() {
  Stage::SetUp();
  Sql(kShop);
  Sql(kSnapshot);
}

Opened Keep::Runner(const std::string& change, const std::string& purpose) {
  Opened opened = Open();
  const std::string& login = opened.login.text();
  Sql(absl::StrCat("grant app_owner, jit_runner to ", login,
                   "; insert into jit.guard (login, purpose, valid_until, change) values ('", login,
                   "', '", purpose, "', now() + interval '1 hour', '", change, "')"));
  return opened;
}

std::string Keep::Call(const std::string& loss, const std::string& schema, const std::string& name,
                       const std::string& part, const std::string& options) {
  const auto has = [&](const char* word) {
    return options.find(word) != std::string::npos ? "true" : "false";
  };
  return absl::StrCat("select jit.keep('", loss, "', '", schema, "', '", name, "', '", part, "', ",
                      has("arguments"), ", ", has("if_exists"), ", ", has("cascade"), ", ",
                      has("restart"), ", 'app, public', 'app_owner')");
}

std::string Keep::Undo() {
  return Sql(
      "select c ->> 'what' from (select jit.undo_kept(seq) -> 'conflicts' as list from (select "
      "seq from jit.kept where restored_time is null order by seq desc) k) u, "
      "jsonb_array_elements(u.list) c");
}

std::string Keep::InQuarantine() {
  return Sql(
      "select relname from pg_class where relnamespace = 'jit_quarantine'::regnamespace and "
      "relkind in ('r', 'p', 'v', 'm', 'S')");
}

}  // namespace jit::testing
