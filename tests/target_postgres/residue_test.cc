// What a login that acts as an owner leaves in the schema, and that it is told.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "broker/pq/connection.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/kit.h"
#include "tests/target_postgres/proxy.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ports::OffState;
using ports::RemoveState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(10);

// "added function public.made()".
std::vector<std::string> Words(const lease::Residue& residue) {
  std::vector<std::string> words;
  for (const lease::ResidueLine& line : residue.lines) {
    using What = lease::ResidueLine::What;
    words.push_back(absl::StrCat(line.what == What::kAdded     ? "added "
                                 : line.what == What::kRemoved ? "removed "
                                                               : "changed ",
                                 line.kind, " ", line.object));
  }
  return words;
}

class Residue : public Stage {
 protected:
  PrivatePostgres::Options Options() override {
    PrivatePostgres::Options options;
    options.settings["max_prepared_transactions"] = "4";
    return options;
  }

  void SetUp() override {
    Stage::SetUp();
    InstallAgain();
    Sql("grant create on schema public to app_owner; create role third;"
        "grant app_writer to app_owner with admin option");
  }

  void InstallAgain() {
    target_postgres::KitOptions kit;
    for (const char* group : {"app_reader", "app_writer", "app_owner"}) {
      kit.groups.push_back(*core::PgGroup::Parse(group));
    }
    kit.owners = {*core::PgGroup::Parse("app_owner")};
    ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), kit), IsOk());
  }

  static absl::Status OpenOn(ports::Target& target, const Opened& opened) {
    return target.OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier));
  }
  Opened PrepareOwner() {
    Opened opened = Prepare("app_owner");
    opened.order.acts_as = *core::PgGroup::Parse("app_owner");
    opened.order.writes = true;
    return opened;
  }
  Opened OpenOwner() {
    Opened opened = PrepareOwner();
    EXPECT_THAT(OpenOn(target(), opened), IsOk());
    return opened;
  }
  // What the holder does, one statement after the other.
  void Do(const Opened& opened, const std::vector<std::string>& statements) {
    Holder holder = Enter(opened);
    for (const std::string& sql : statements) {
      EXPECT_TRUE(holder.Run(sql)) << sql << ": " << holder.Ask(sql);
    }
  }
  // Off and removed.
  lease::Residue Leaves(const Opened& opened) {
    const ports::OffOutcome off = TurnOff(opened);
    EXPECT_EQ(off.state, OffState::kOff) << off.report;
    const ports::RemoveOutcome outcome = Remove(opened);
    EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
    EXPECT_TRUE(outcome.residue.has_value());
    return outcome.residue.value_or(lease::Residue());
  }
  std::vector<std::string> WordsOfWhatIsLeft(const Opened& opened) { return Words(Leaves(opened)); }
};

TEST_F(Residue, WhatTheSessionMakesBelongsToTheOwnerAndOutlivesTheLogin) {
  const Opened opened = OpenOwner();
  Holder holder = Enter(opened);
  EXPECT_EQ(holder.Ask("select current_user"), "app_owner");
  EXPECT_EQ(holder.Ask("select session_user"), opened.login.text());
  ASSERT_TRUE(holder.Run("create table public.made(id int primary key)"));
  ASSERT_TRUE(holder.Run("insert into public.made values (1), (2)"));
  EXPECT_EQ(Sql("select tableowner from pg_tables where tablename = 'made'"), "app_owner");
  EXPECT_THAT(WordsOfWhatIsLeft(opened),
              ElementsAre("added column public.made.id", "added constraint public.made.made_pkey",
                          "added index public.made_pkey", "added relation public.made",
                          "added relation public.made_pkey"));
  EXPECT_FALSE(RoleExists(opened));
  EXPECT_EQ(Sql("select count(*) from public.made"), "2");
  EXPECT_EQ(Sql("select tableowner from pg_tables where tablename = 'made'"), "app_owner");
}

TEST_F(Residue, EverythingThatOpensABackDoorIsNamed) {
  Sql("create function public.stays() returns int language sql as 'select 1';"
      "create function public.goes() returns int language sql as 'select 1';"
      "alter function public.stays() owner to app_owner;"
      "alter function public.goes() owner to app_owner");
  const Opened opened = OpenOwner();
  Do(opened, {"create function public.trap() returns trigger language plpgsql security definer as"
              " 'begin return new; end'",
              "create trigger trap before insert on public.orders for each row execute function "
              "public.trap()",
              "create or replace function public.stays() returns int language sql as 'select 2'",
              "drop function public.goes()", "grant select on public.orders to third",
              "grant app_writer to third", "alter default privileges grant all on tables to third",
              "alter table public.orders enable row level security",
              "create policy hole on public.orders using (true)",
              "alter role app_owner set search_path = public, pg_catalog",
              "create operator public.=== (leftarg = text, rightarg = text, function = texteq)"});
  EXPECT_THAT(WordsOfWhatIsLeft(opened),
              IsSupersetOf({"added function public.trap()", "added trigger public.orders.trap",
                            "changed function public.stays()", "removed function public.goes()",
                            "changed relation public.orders", "added membership app_writer<-third",
                            "added default acl app_owner|r", "added policy public.orders.hole",
                            "added setting app_owner", "added operator public.===(text,text)"}));
}

TEST_F(Residue, AnotherOwnerIsNamed) {
  Sql("grant third to app_owner; grant create on schema public to third");
  const Opened opened = OpenOwner();
  Do(opened, {"alter table public.orders owner to third"});
  EXPECT_THAT(WordsOfWhatIsLeft(opened), ::testing::Contains("changed relation public.orders"));
}

// Its owner is the owner of the tables, not the login: ending the login does not end it.
TEST_F(Residue, APreparedTransactionThatCanStillChangeTheSchemaIsNamed) {
  const Opened opened = OpenOwner();
  Do(opened, {"begin", "create table public.later(x int)", "prepare transaction 'sleeps'"});
  EXPECT_THAT(WordsOfWhatIsLeft(opened), ElementsAre("added prepared transaction 'sleeps'"));
}

TEST_F(Residue, DataAreNotInItAndOtherLeasesAreNot) {
  const Opened opened = OpenOwner();
  Do(opened, {"insert into public.orders values (5000, 'x', 1)"});
  const Opened writer = Open();
  const Opened other = OpenOwner();
  Do(writer, {"delete from public.orders where id = 5000"});
  EXPECT_THAT(Leaves(opened).lines, IsEmpty());
  Close(writer);
  EXPECT_THAT(Leaves(other).lines, IsEmpty());
}

TEST_F(Residue, TheGuardCountsWhoActsAsAnOwnerAndIsNoResidueItself) {
  Opened opened = PrepareOwner();
  opened.order.guard = policy::GuardTerms{};
  ASSERT_THAT(OpenOn(target(), opened), IsOk());
  Do(opened, {"update public.orders set amount = 1 where id = 1",
              "create table public.made(id int primary key)"});
  EXPECT_EQ(Sql("select login, tbl, n from jit.row_change"),
            absl::StrCat(opened.login.text(), "|orders|1"));
  ASSERT_THAT(target().Tidy(), IsOk());  // guards what was made
  Do(opened, {"insert into public.made values (1)", "drop table public.made"});
  ASSERT_EQ(TurnOff(opened).state, OffState::kOff);
  const ports::RemoveOutcome outcome = Remove(opened);
  ASSERT_THAT(target().Tidy(), IsOk());
  EXPECT_EQ(outcome.residue, lease::Residue());
  EXPECT_EQ(Remove(opened).residue, lease::Residue());
}

TEST_F(Residue, AnOrdinaryWriterIsNotComparedAlthoughTheSchemaChanged) {
  const Opened writer = Open();
  Sql("create table public.elsewhere(x int)");
  ASSERT_EQ(TurnOff(writer).state, OffState::kOff);
  const ports::RemoveOutcome outcome = Remove(writer);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved);
  EXPECT_EQ(outcome.residue, std::nullopt);
}

// The removal was committed, and nobody heard of it; then the server died as well.
TEST_F(Residue, AnAnswerThatWasLostIsGivenAgainToTheNext) {
  Proxy proxy(cluster().port());
  auto wired = world_->Adapter(
      absl::StrReplaceAll(world_->BrokerConninfo(), {{absl::StrCat("port=", cluster().port()),
                                                      absl::StrCat("port=", proxy.port())}}),
      std::nullopt);
  ASSERT_THAT(wired, IsOk());
  const Opened opened = OpenOwner();
  Do(opened, {"create function public.made() returns int language sql as 'select 1'"});
  ASSERT_EQ((*wired)->TurnOff({opened.login})->at(0).state, OffState::kOff);
  EXPECT_EQ((*wired)->Remove({})->size(), 0U);
  std::thread cutter([&] {
    while (RoleExists(opened)) {
    }
    proxy.Set(Proxy::Mode::kLoseAnswers);
    proxy.CutAll();
  });
  (void)(*wired)->Remove({opened.login});
  cutter.join();
  Sql("checkpoint");
  ASSERT_THAT(cluster().Stop(PrivatePostgres::StopMode::kImmediate), IsOk());
  ASSERT_THAT(cluster().Resume(), IsOk());
  const ports::RemoveOutcome first = Remove(opened);
  EXPECT_EQ(first.state, RemoveState::kRemoved) << first.report;
  ASSERT_TRUE(first.residue.has_value());
  EXPECT_THAT(Words(*first.residue), ElementsAre("added function public.made()"));
  Sql("drop function public.made()");
  EXPECT_EQ(Remove(opened).residue, first.residue);
}

TEST_F(Residue, WhatCannotBeComparedYetHoldsUpNoRemovalAndIsNeverLost) {
  const Opened opened = OpenOwner();
  const Opened writer = Open();
  Do(opened, {"create function public.made() returns int language sql as 'select 1'"});
  ASSERT_EQ(TurnOff(opened).state, OffState::kOff);
  ASSERT_EQ(TurnOff(writer).state, OffState::kOff);
  Holder locker(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(locker.Run("begin"));
  ASSERT_TRUE(locker.Run("lock table pg_catalog.pg_foreign_server"));
  for (int i = 0; i < 2; ++i) {
    auto outcomes = target().Remove({opened.login, writer.login});
    ASSERT_THAT(outcomes, IsOk());
    EXPECT_EQ(outcomes->at(0).state, RemoveState::kNotYet);
    EXPECT_THAT(outcomes->at(0).report, HasSubstr("holds a lock on what is to be looked at"));
    EXPECT_EQ(outcomes->at(0).residue, std::nullopt);
    EXPECT_EQ(outcomes->at(1).state, RemoveState::kRemoved);
    EXPECT_FALSE(RoleExists(opened));
    EXPECT_FALSE(RoleExists(writer));
  }
  ASSERT_TRUE(locker.Run("commit"));
  const ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
  ASSERT_TRUE(outcome.residue.has_value());
  EXPECT_THAT(Words(*outcome.residue), ElementsAre("added function public.made()"));
}

TEST_F(Residue, WhatDoesNotFitIsCounted) {
  const Opened opened = OpenOwner();
  Do(opened, {"do $$ begin for i in 1..510 loop execute format('create function public.f%s()"
              " returns int language sql as ''select 1''', lpad(i::text, 3, '0')); end loop; end "
              "$$"});
  const lease::Residue residue = Leaves(opened);
  ASSERT_THAT(residue.lines, SizeIs(lease::kResidueLinesMax));
  EXPECT_EQ(residue.lines.front().object, "public.f001()");
  EXPECT_EQ(residue.lines.back().object, "public.f500()");
  EXPECT_EQ(residue.more, 10);
}

TEST_F(Residue, AHolderWhoMovesTheirOwnSettingsIsGivenTheOwnerBackWithTheNextVerifier) {
  const Opened opened = OpenOwner();
  Do(opened, {"set role none", absl::StrCat("alter role ", opened.login.text(), " set role = none"),
              absl::StrCat("alter role ", opened.login.text(), " set work_mem = '5MB'")});
  EXPECT_EQ(Enter(opened).Ask("select current_user"), opened.login.text());
  ASSERT_THAT(OpenOn(target(), opened), IsOk());
  EXPECT_EQ(Enter(opened).Ask("select current_user"), "app_owner");
  EXPECT_EQ(Enter(opened).Ask("show work_mem"), "4MB");
  EXPECT_THAT(Leaves(opened).lines, IsEmpty());
}

// Made again after somebody dropped it, it is compared with what was there at first.
TEST_F(Residue, ALoginThatSomebodyDroppedAndThatIsOpenedAgainIsComparedWithItsFirstLook) {
  const Opened opened = OpenOwner();
  Do(opened, {"create function public.first() returns int language sql as 'select 1'"});
  Sql(absl::StrCat("drop role ", opened.login.text()));
  ASSERT_EQ(Remove(opened).state, RemoveState::kRemoved);
  ASSERT_THAT(OpenOn(target(), opened), IsOk());
  Do(opened, {"create function public.second() returns int language sql as 'select 1'"});
  EXPECT_THAT(WordsOfWhatIsLeft(opened),
              ElementsAre("added function public.first()", "added function public.second()"));
}

// What is made as the login itself is the login's, and is dealt with as anybody's.
TEST_F(Residue, WhatIsNotMadeAsTheOwnerGoesWithTheLogin) {
  Sql("grant create on schema public to public");
  const Opened opened = OpenOwner();
  Do(opened, {"set role none",
              "create function public.own() returns int language sql as 'select "
              "1'"});
  EXPECT_THAT(Leaves(opened).lines, IsEmpty());
  EXPECT_EQ(Sql("select count(*) from pg_proc where proname = 'own'"), "0");
}

// The broker's login becomes the holder for the one statement that only a holder can say.
TEST_F(Residue, TheBrokersLoginCannotKeepWhatItWasLent) {
  const Opened opened = PrepareOwner();
  auto broker = pq::Connection::Open(world_->BrokerConninfo(), pq::StartUp());
  ASSERT_THAT(broker, IsOk());
  const pq::Parameters order = pq::Parameters()
                                   .Text(target().Measure()->system_identifier)
                                   .Text(opened.login.text())
                                   .Integer(absl::ToUnixMicros(opened.order.valid_until))
                                   .Text(opened.verifier);
  const std::string open =
      "select outcome from jit.open_login($1, $2, 'engineer', '{app_owner}', 1, $3, 1000, 1000,"
      " 1000, true, $4, 'app_owner')";
  // Alone, it is not committed.
  EXPECT_EQ(pq::SqlStateOf((*broker)->Run(open, order, kPatience).status()), "JT005");
  EXPECT_FALSE(RoleExists(opened));
  // Nor when it goes on being the owner after it has given the login back.
  ASSERT_THAT((*broker)->RunScript("begin", kPatience), IsOk());
  ASSERT_THAT((*broker)->Run(open, order, kPatience), IsOk());
  ASSERT_THAT((*broker)->RunScript(
                  absl::StrCat("create function pg_temp.back() returns void language sql security"
                               " definer as $$ select jit.take_back('",
                               opened.login.text(), "') $$; set role app_owner"),
                  kPatience),
              IsOk());
  ASSERT_THAT((*broker)->RunScript("select pg_temp.back()", kPatience), IsOk());
  EXPECT_EQ(pq::SqlStateOf((*broker)->RunScript("set constraints all immediate", kPatience)),
            "JT005");
  ASSERT_THAT((*broker)->RunScript("rollback", kPatience), IsOk());
  EXPECT_FALSE(RoleExists(opened));

  ASSERT_THAT(OpenOn(target(), opened), IsOk());
  EXPECT_EQ(Sql("select count(*) from pg_auth_members m where m.member = 'jit_broker'::regrole"),
            "0");
  EXPECT_EQ(pq::SqlStateOf((*broker)->RunScript("set role app_owner", kPatience)), "42501");
}

TEST_F(Residue, AnUpgradeOfTheKitKeepsWhatWasLookedAt) {
  const Opened opened = OpenOwner();
  Do(opened, {"create function public.made() returns int language sql as 'select 1'"});
  InstallAgain();
  EXPECT_THAT(WordsOfWhatIsLeft(opened), ElementsAre("added function public.made()"));
  InstallAgain();
  EXPECT_THAT(Words(*Remove(opened).residue), ElementsAre("added function public.made()"));
}

// What closes has to work with a kit from before there was any of this.
TEST_F(Residue, AnOlderKitRemovesAndTidiesAndHasNothingToTell) {
  const Opened writer = Open();
  Sql("drop function jit.residue_of, jit.forget_looks; update jit.kit set version = 2");
  Close(writer);
  EXPECT_THAT(target().Tidy(), IsOk());
}

TEST_F(Residue, TidyingForgetsWhatWasComparedLongAgo) {
  const Opened old = OpenOwner();
  const Opened young = OpenOwner();
  const Opened open = OpenOwner();
  Leaves(old);
  Leaves(young);
  Sql(
      absl::StrCat("update jit.schema_look set compared_time = now() - interval '91 days' where"
                   " login = '",
                   old.login.text(), "'"));
  ASSERT_THAT(target().Tidy(), IsOk());
  EXPECT_EQ(Remove(old).residue, std::nullopt);
  EXPECT_EQ(Remove(young).residue, lease::Residue());
  EXPECT_EQ(Leaves(open), lease::Residue());
  EXPECT_EQ(Sql(absl::StrCat("select count(*) from jit.schema_before where login = '",
                             old.login.text(), "'")),
            "0");
}

}  // namespace
}  // namespace jit::testing
