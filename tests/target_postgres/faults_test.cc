// Days on which the target, or the wire to it, is not what it was.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/target_postgres/proxy.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ports::OffState;
using ::testing::IsEmpty;

class Faults : public Stage {
 protected:
  void SetUp() override {
    Stage::SetUp();
    proxy_ = std::make_unique<Proxy>(cluster().port());
    wired_ = Wired(std::nullopt);
  }
  std::unique_ptr<target_postgres::TargetPostgres> Wired(
      const std::optional<std::string>& system_identifier) {
    auto adapter = world_->Adapter(
        absl::StrReplaceAll(world_->BrokerConninfo(), {{absl::StrCat("port=", cluster().port()),
                                                        absl::StrCat("port=", proxy_->port())}}),
        system_identifier);
    EXPECT_THAT(adapter, IsOk());
    return std::move(*adapter);
  }
  absl::Status OpenOver(ports::Target& adapter, const Opened& opened) {
    return adapter.OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier));
  }

  std::unique_ptr<Proxy> proxy_;
  std::unique_ptr<target_postgres::TargetPostgres> wired_;
};

// D-02, D-03: the commit was sent and the answer lost. Nobody knows, and looking tells.
TEST_F(Faults, ALostAnswerIsUnavailableAndLookingShowsThatItHappened) {
  ASSERT_THAT(wired_->Measure(), IsOk());
  const Opened opened = Prepare();
  proxy_->Set(Proxy::Mode::kLoseAnswers);
  std::thread cutter([&] {
    while (!RoleExists(opened)) {
    }
    proxy_->CutAll();
  });
  EXPECT_THAT(OpenOver(*wired_, opened), StatusIs(absl::StatusCode::kUnavailable));
  cutter.join();
  proxy_->Set(Proxy::Mode::kForward);
  auto state = wired_->Inspect();
  ASSERT_THAT(state, IsOk());
  ASSERT_EQ(state->logins.size(), 1U);
  EXPECT_EQ(state->logins[0].login, opened.login);
  // The repeat adopts what is ours and exactly as ordered.
  EXPECT_THAT(OpenOver(*wired_, opened), IsOk());
  EXPECT_TRUE(CanLogIn(opened));
}

// D-04
TEST_F(Faults, EveryConnectionIsReplacedAfterTheServerCameBack) {
  const Opened opened = Open();
  ASSERT_THAT(wired_->Inspect(), IsOk());
  ASSERT_THAT(wired_->TurnOff({NewLogin()}), IsOk());
  const absl::Time before = wired_->Inspect()->server_start;
  ASSERT_THAT(cluster().Stop(PrivatePostgres::StopMode::kImmediate), IsOk());
  EXPECT_THAT(wired_->TurnOff({opened.login}), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(cluster().Resume(), IsOk());
  EXPECT_EQ(wired_->TurnOff({opened.login})->at(0).state, OffState::kOff);
  EXPECT_EQ(wired_->Remove({opened.login})->at(0).state, ports::RemoveState::kRemoved);
  EXPECT_GT(wired_->Inspect()->server_start, before);
}

// D-05: another cluster behind the same address. Nothing is done there, and nothing concluded.
TEST_F(Faults, AnotherClusterBehindTheSameAddressIsRefusedByEveryVerb) {
  const Opened opened = Open();
  ASSERT_THAT(wired_->Measure(), IsOk());
  auto other = PostgresTarget::Start();
  ASSERT_THAT(other, IsOk());
  proxy_->LeadTo((*other)->cluster().port());
  proxy_->CutAll();
  const Opened fresh = Prepare();
  EXPECT_THAT(OpenOver(*wired_, fresh), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(wired_->TurnOff({opened.login}), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(wired_->Remove({opened.login}), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(wired_->Inspect(), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT((*other)->target().Inspect()->logins, IsEmpty());
  // A configured pin is held from the first connection on.
  EXPECT_THAT(Wired("1234567890")->Measure(), RefusedWith(core::Reason::kTargetNotReady));
}

TEST_F(Faults, ATargetWithoutAKitAndALoginWithoutRightsAreNotReady) {
  SqlIn("postgres", "create database bare");
  auto bare = world_->Adapter(
      absl::StrReplaceAll(world_->BrokerConninfo(), {{"dbname=shop", "dbname=bare"}}),
      std::nullopt);
  ASSERT_THAT(bare, IsOk());
  EXPECT_THAT((*bare)->Measure(), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT((*bare)->TurnOff({NewLogin()}), RefusedWith(core::Reason::kTargetNotReady));

  Sql("create role stranger login password 'x'");
  auto stranger = world_->Adapter(cluster().ConninfoFor("stranger", "x", "shop"), std::nullopt);
  ASSERT_THAT(stranger, IsOk());
  EXPECT_THAT((*stranger)->Measure(), RefusedWith(core::Reason::kTargetNotReady));
}

TEST_F(Faults, AnOldKitOpensNothingAndGoesOnClosing) {
  const Opened opened = Open();
  Sql("update jit.kit set version = 0");
  auto fresh = Wired(std::nullopt);
  EXPECT_THAT(fresh->Measure(), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(OpenOver(*fresh, Prepare()), RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_EQ(fresh->TurnOff({opened.login})->at(0).state, OffState::kOff);
  EXPECT_EQ(fresh->Remove({opened.login})->at(0).state, ports::RemoveState::kRemoved);
  EXPECT_THAT(fresh->Inspect(), IsOk());
}

// R12: read-only by default is set aside for closing, not for opening.
TEST_F(Faults, ADatabaseMadeReadOnlyByDefaultStillLetsItsLoginsBeClosed) {
  const Opened opened = Open();
  Sql("alter database shop set default_transaction_read_only = on");
  auto fresh = Wired(std::nullopt);
  EXPECT_THAT(OpenOver(*fresh, Prepare()), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(fresh->Measure()->read_only);
  EXPECT_EQ(fresh->TurnOff({opened.login})->at(0).state, OffState::kOff);
  EXPECT_EQ(fresh->Remove({opened.login})->at(0).state, ports::RemoveState::kRemoved);
}

// D-21: a target that says nothing costs its caller a bounded time.
TEST_F(Faults, AWireOnWhichNothingMovesEndsInAnErrorAndNotInSilence) {
  ASSERT_THAT(wired_->Measure(), IsOk());
  proxy_->Set(Proxy::Mode::kHold);
  const absl::Time before = Now();
  EXPECT_THAT(OpenOver(*wired_, Prepare()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(Now() - before, absl::Seconds(40));
  proxy_->Set(Proxy::Mode::kForward);
  EXPECT_THAT(wired_->Inspect(), IsOk());
}

TEST_F(Faults, AConninfoThatLeadsAwayNeedsVerifiedTls) {
  for (const char* conninfo : {"host=db.example user=jit_broker dbname=shop",
                               "host=db.example user=jit_broker dbname=shop sslmode=require",
                               "postgresql://jit_broker@db.example/shop",
                               "host=127.0.0.1 user=jit_broker dbname=''", "not a conninfo"}) {
    target_postgres::TargetOptions options(*core::TargetName::Parse("shop"));
    options.conninfo = conninfo;
    EXPECT_THAT(target_postgres::TargetPostgres::Create(options, world_->clock()),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << conninfo;
  }
  target_postgres::TargetOptions options(*core::TargetName::Parse("shop"));
  options.conninfo = "host=db.example port=6432 user=jit_broker dbname=shop sslmode=verify-full";
  auto target = target_postgres::TargetPostgres::Create(options, world_->clock());
  ASSERT_THAT(target, IsOk());
  EXPECT_EQ((*target)->address().host, "db.example");
  EXPECT_EQ((*target)->address().port, 6432);
  EXPECT_EQ((*target)->address().database, "shop");
}

}  // namespace
}  // namespace jit::testing
