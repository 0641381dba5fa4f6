// The real one keeps the contract: a private PostgreSQL, with the guard and the kit in it.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/target_postgres/bench.h"
#include "broker/target_postgres/kit.h"
#include "tests/contract/bench_contract.h"
#include "tests/testing/postgres_target.h"

namespace jit::testing {
namespace {

constexpr absl::string_view kShop = R"(
create schema shop authorization app_owner;
grant usage on schema shop to app_writer;
create table shop.orders(id int primary key, state text not null);
alter table shop.orders owner to app_owner;
insert into shop.orders values (1, 'new'), (2, 'new'), (3, 'new');
grant select, insert, update, delete on shop.orders to app_writer;
)";

class PostgresBenchWorld : public BenchWorld {
 public:
  PostgresBenchWorld(std::unique_ptr<PostgresTarget> postgres,
                     std::unique_ptr<target_postgres::PostgresBench> bench)
      : postgres_(std::move(postgres)), bench_(std::move(bench)) {}

  ports::Bench& bench() override { return *bench_; }
  ports::Target& target() override { return postgres_->target(); }
  absl::Time Now() override { return postgres_->clock().Now().wall; }
  std::map<std::string, std::string> Orders() override {
    const std::string rows =
        postgres_->Sql("select string_agg(id || '=' || state, ',' order by id) from shop.orders");
    return absl::StrSplit(rows, absl::ByAnyChar("=,"));
  }
  void Pay(const std::string& id) override {
    postgres_->Sql(absl::StrCat("update shop.orders set state = 'paid' where id = ", id));
  }

 private:
  std::unique_ptr<PostgresTarget> postgres_;
  std::unique_ptr<target_postgres::PostgresBench> bench_;
};

absl::StatusOr<std::unique_ptr<BenchWorld>> TryToMake() {
  auto postgres = PostgresTarget::Start();
  if (!postgres.ok()) return postgres.status();
  (*postgres)->Sql(kShop);
  target_postgres::KitOptions kit;
  kit.groups = {*core::PgGroup::Parse("app_reader"), *core::PgGroup::Parse("app_writer")};
  kit.owners = {*core::PgGroup::Parse("app_owner")};
  if (absl::Status installed =
          target_postgres::Install((*postgres)->cluster().SuperuserConninfo("shop"), kit);
      !installed.ok()) {
    return installed;
  }
  target_postgres::TargetOptions options(*core::TargetName::Parse("shop"));
  options.conninfo = (*postgres)->BrokerConninfo();
  auto bench = target_postgres::PostgresBench::Create(options, (*postgres)->clock());
  if (!bench.ok()) return bench.status();
  return std::make_unique<PostgresBenchWorld>(*std::move(postgres), *std::move(bench));
}

std::unique_ptr<BenchWorld> MakePostgresBenchWorld() {
  auto world = TryToMake();
  if (!world.ok()) {
    ADD_FAILURE() << world.status();
    return nullptr;
  }
  return *std::move(world);
}

INSTANTIATE_TEST_SUITE_P(Postgres, BenchContract, ::testing::Values(&MakePostgresBenchWorld));

}  // namespace
}  // namespace jit::testing
