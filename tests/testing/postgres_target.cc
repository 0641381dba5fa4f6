#include "tests/testing/postgres_target.h"

#include <gtest/gtest.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "broker/target_postgres/kit.h"

namespace jit::testing {
namespace {

constexpr absl::string_view kBrokerPassword = "only-for-tests-0123456789";

constexpr absl::string_view kShop = R"(
create table public.orders(id int primary key, customer text not null, amount int not null);
insert into public.orders select i, 'customer ' || i, i % 100 from generate_series(1, 1000) i;
alter table public.orders owner to app_owner;
create role app_reader nologin;
create role app_writer nologin;
create role app_secret nologin;
grant select on public.orders to app_reader;
grant select, insert, update, delete on public.orders to app_writer;
)";

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresTarget>> PostgresTarget::Start(
    const PrivatePostgres::Options& options) {
  std::unique_ptr<PostgresTarget> world(new PostgresTarget);
  auto cluster = PrivatePostgres::Start(options);
  if (!cluster.ok()) return cluster.status();
  world->cluster_ = std::move(*cluster);
  PrivatePostgres& server = *world->cluster_;
  for (absl::string_view sql : {"create role app_owner nologin", "create database shop"}) {
    if (auto made = server.Psql("postgres", sql); !made.ok()) return made.status();
  }
  if (auto made = server.Psql("shop", kShop); !made.ok()) return made.status();
  target_postgres::KitOptions kit;
  kit.groups = {*core::PgGroup::Parse("app_reader"), *core::PgGroup::Parse("app_writer")};
  const std::array<std::uint8_t, 16> salt = {1, 2, 3};
  kit.broker_verifier =
      *credential::ScramVerifier::Make(credential::Secret(std::string(kBrokerPassword)), salt);
  if (absl::Status installed = target_postgres::Install(server.SuperuserConninfo("shop"), kit);
      !installed.ok()) {
    return installed;
  }
  auto target = world->Adapter(world->BrokerConninfo(), std::nullopt);
  if (!target.ok()) return target.status();
  world->target_ = std::move(*target);
  return world;
}

std::string PostgresTarget::BrokerConninfo() const {
  return cluster_->ConninfoFor("jit_broker", kBrokerPassword, "shop");
}

absl::StatusOr<std::unique_ptr<target_postgres::TargetPostgres>> PostgresTarget::Adapter(
    const std::string& conninfo, const std::optional<std::string>& system_identifier) {
  target_postgres::TargetOptions options(*core::TargetName::Parse("shop"));
  options.conninfo = conninfo;
  options.system_identifier = system_identifier;
  return target_postgres::TargetPostgres::Create(options, clock_);
}

std::string PostgresTarget::SqlIn(absl::string_view database, absl::string_view sql) {
  auto answer = cluster_->Psql(database, sql);
  EXPECT_TRUE(answer.ok()) << answer.status() << " in " << sql;
  return answer.ok() ? *answer : "";
}

}  // namespace jit::testing
