#include "tests/target_postgres/bench_stage.h"

#include "absl/strings/str_cat.h"
#include "broker/target_postgres/kit.h"

namespace jit::testing {
namespace {

constexpr absl::string_view kShop = R"(
create schema shop authorization app_owner;
grant usage on schema shop to app_writer;
set role app_owner;
create table shop.customers(id int primary key, name text not null, card text not null);
create table shop.orders(id int primary key,
  customer int references shop.customers on delete cascade, amount int not null);
create table shop.log(id bigint generated always as identity primary key, what text);
create table shop.notes(what text);
create table shop.measures(day int, value int, primary key (day)) partition by range (day);
create table shop.measures_1 partition of shop.measures for values from (0) to (100);
create table shop.measures_2 partition of shop.measures for values from (100) to (200);
create function shop.log_order() returns trigger language plpgsql as $$
begin
  insert into shop.log(what) values (tg_op);
  return new;
end $$;
create trigger log_order after update on shop.orders for each row execute function shop.log_order();
insert into shop.customers select i, 'name ' || i, 'card ' || i from generate_series(1, 20) i;
insert into shop.orders select i, 1 + i % 20, i from generate_series(1, 100) i;
insert into shop.measures select i, i from generate_series(0, 199) i;
insert into shop.notes values ('a'), ('b');
reset role;
create table shop.foreign_owned(id int primary key);
insert into shop.foreign_owned values (1);
grant select, insert, update, delete on all tables in schema shop to app_writer;
grant usage on all sequences in schema shop to app_writer;
analyze shop.customers, shop.orders, shop.measures;
)";

}  // namespace

sql::Statement Said(sql::Kind kind, const std::string& text, int line) {
  sql::Statement statement;
  statement.kind = kind;
  statement.text = text;
  statement.line = line;
  return statement;
}

void BenchStage::SetUp() {
  Stage::SetUp();
  if (HasFatalFailure()) return;
  Sql(kShop);
  target_postgres::KitOptions kit;
  kit.groups = {*core::PgGroup::Parse("app_reader"), *core::PgGroup::Parse("app_writer"),
                *core::PgGroup::Parse("app_owner")};
  kit.owners = {*core::PgGroup::Parse("app_owner")};
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), kit), IsOk());
  target_postgres::TargetOptions options(*core::TargetName::Parse("shop"));
  options.conninfo = world_->BrokerConninfo();
  auto bench = target_postgres::PostgresBench::Create(options, world_->clock());
  ASSERT_THAT(bench, IsOk());
  bench_ = std::move(*bench);
}

core::ChangeId BenchStage::NewChange() {
  core::ChangeId::Bytes bytes;
  entropy_.Fill(bytes);
  return core::ChangeId::FromBytes(bytes);
}

ports::Preparation BenchStage::PreparationFor(const Entry& entry) {
  return {.login = entry.opened.login,
          .change = entry.change,
          .end = entry.end,
          .member_of = entry.opened.order.member_of,
          .owner = entry.owner,
          .rows_max = 10'000,
          .valid_until = entry.opened.order.valid_until,
          .undo_of = {},
          .drop_of = {},
          .since = {},
          .tables = {}};
}

BenchStage::Entry BenchStage::Admit(ports::RunEnd end, const std::string& group,
                                    const std::function<void(ports::Preparation&)>& also) {
  Entry entry{Prepare(group), NewChange(), end, {}};
  if (group == "app_owner") entry.owner = *core::PgGroup::Parse(group);
  entry.opened.order.writes = true;
  ports::Preparation preparation = PreparationFor(entry);
  if (also) also(preparation);
  EXPECT_THAT(bench().Prepare(preparation), IsOk());
  EXPECT_THAT(target().OpenLogin(entry.opened.order,
                                 *credential::ScramVerifier::Parse(entry.opened.verifier)),
              IsOk());
  last_ = entry.opened.login;
  return entry;
}

ports::RunOrder BenchStage::OrderOf(const Entry& entry,
                                    const std::vector<sql::Statement>& statements) {
  return {.login = entry.opened.login,
          .password = credential::Secret(std::string(entry.opened.password)),
          .change = entry.change,
          .end = entry.end,
          .purpose = policy::Purpose::kScript,
          .owner = entry.owner,
          .statements = statements,
          .statement_timeout = absl::Seconds(20),
          .lock_timeout = absl::Seconds(2),
          .run_max = absl::Seconds(30),
          .samples = 3,
          .masked = {"shop.customers.card"}};
}

ports::RunOutcome BenchStage::Rehearse(const std::vector<sql::Statement>& statements) {
  auto outcome = Go(OrderOf(Admit(ports::RunEnd::kRollBack), statements));
  EXPECT_THAT(outcome, IsOk());
  return outcome.ok() ? *outcome : ports::RunOutcome{};
}

ports::RunOutcome BenchStage::Apply(const std::vector<sql::Statement>& statements) {
  auto outcome = Go(OrderOf(Admit(ports::RunEnd::kCommit), statements));
  EXPECT_THAT(outcome, IsOk());
  return outcome.ok() ? *outcome : ports::RunOutcome{};
}

std::string BenchStage::Checksum() {
  return Sql(
      "select md5(string_agg(t, ',' order by t)) from ("
      " select 'c' || c::text as t from shop.customers c union all"
      " select 'o' || o::text from shop.orders o union all"
      " select 'n' || n::text from shop.notes n union all"
      " select 'f' || f::text from shop.foreign_owned f union all"
      " select 'l' || l::text from shop.log l union all"
      " select 'm' || m::text from shop.measures m) rows");
}

}  // namespace jit::testing
