// The real one keeps the contract. Every question is asked by logging in.
#include <map>

#include "absl/strings/str_cat.h"
#include "broker/pq/connection.h"
#include "broker/target_postgres/kit.h"
#include "tests/contract/target_contract.h"
#include "tests/testing/postgres_target.h"

namespace jit::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

class PostgresWorld : public TargetWorld {
 public:
  explicit PostgresWorld(std::unique_ptr<PostgresTarget> postgres)
      : postgres_(std::move(postgres)) {}

  ports::Target& target() override { return postgres_->target(); }
  absl::Time Now() override { return postgres_->clock().Now().wall; }
  bool CanLogIn(const core::LoginName& login, const Credential& credential) override {
    return Enter(login, credential).ok();
  }
  bool OpenSession(const core::LoginName& login, const Credential& credential) override {
    auto session = Enter(login, credential);
    if (!session.ok()) return false;
    sessions_[login].push_back(std::move(*session));
    return true;
  }
  int LiveSessions(const core::LoginName& login) override {
    int live = 0;
    for (const auto& session : sessions_[login]) {
      live += session->Run("select count(*) from public.orders", kPatience).ok() ? 1 : 0;
    }
    return live;
  }
  void OwnRelation(const core::LoginName& login, const Credential& credential) override {
    postgres_->Sql("grant create on schema public to app_reader");
    Act(login, credential, "create table public.mine as select 1 as x");
  }
  void MakeFunction(const core::LoginName& login, const Credential& credential,
                    const std::string& name) override {
    Act(login, credential,
        absl::StrCat("create function public.", name, "() returns int language sql as 'select 1'"));
  }
  // Somebody has locked a catalog that only the look at the schema needs.
  void HideSchema() override {
    auto locker =
        pq::Connection::Open(postgres_->cluster().SuperuserConninfo("shop"), pq::StartUp());
    ASSERT_THAT(locker, IsOk());
    locker_ = std::move(*locker);
    ASSERT_THAT(locker_->RunScript("begin; lock table pg_catalog.pg_foreign_server", kPatience),
                IsOk());
  }
  void ShowSchema() override { locker_.reset(); }
  void ChangeOwnPassword(const core::LoginName& login, const Credential& credential) override {
    Act(login, credential,
        absl::StrCat("alter role ", login.text(), " password 'shared with friends'"));
  }
  void PutUnmarked(const core::LoginName& login) override {
    postgres_->Sql(absl::StrCat("create role ", login.text(), " login createdb"));
  }
  bool RoleExists(const core::LoginName& login) override {
    return postgres_->Sql(absl::StrCat("select count(*) from pg_roles where rolname = '",
                                       login.text(), "'")) == "1";
  }
  void StopServer() override { ASSERT_THAT(postgres_->cluster().Stop(), IsOk()); }
  void StartServer() override { ASSERT_THAT(postgres_->cluster().Resume(), IsOk()); }
  void MakeReadOnly() override {
    postgres_->Sql("alter database shop set default_transaction_read_only = on");
  }

 private:
  // The holder does something that writes: read-only is a convenience, which anybody sets aside.
  void Act(const core::LoginName& login, const Credential& credential, const std::string& sql) {
    auto session = Enter(login, credential);
    ASSERT_THAT(session, IsOk());
    ASSERT_THAT((*session)->RunScript("set default_transaction_read_only = off", kPatience),
                IsOk());
    ASSERT_THAT((*session)->RunScript(sql, kPatience), IsOk());
  }

  absl::StatusOr<std::unique_ptr<pq::Connection>> Enter(const core::LoginName& login,
                                                        const Credential& credential) {
    return pq::Connection::Open(
        postgres_->cluster().ConninfoFor(login.text(), credential.password, "shop"),
        pq::StartUp{.application_name = "holder"});
  }

  std::unique_ptr<PostgresTarget> postgres_;
  std::unique_ptr<pq::Connection> locker_;
  std::map<core::LoginName, std::vector<std::unique_ptr<pq::Connection>>> sessions_;
};

std::unique_ptr<TargetWorld> MakePostgresWorld() {
  auto postgres = PostgresTarget::Start();
  if (!postgres.ok()) {
    ADD_FAILURE() << postgres.status();
    return nullptr;
  }
  target_postgres::KitOptions kit;
  for (const char* group : {"app_reader", "app_writer", "app_owner"}) {
    kit.groups.push_back(*core::PgGroup::Parse(group));
  }
  EXPECT_THAT(target_postgres::Install((*postgres)->cluster().SuperuserConninfo("shop"), kit),
              IsOk());
  (*postgres)->Sql("grant create on schema public to app_owner");
  return std::make_unique<PostgresWorld>(std::move(*postgres));
}

INSTANTIATE_TEST_SUITE_P(Postgres, TargetContract, ::testing::Values(&MakePostgresWorld));

}  // namespace
}  // namespace jit::testing
