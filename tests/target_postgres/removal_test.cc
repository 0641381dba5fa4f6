// What a login leaves behind: objects, grants, and people who hold on to them.
#include "absl/strings/str_cat.h"
#include "broker/target_postgres/kit.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ports::OffState;
using ports::RemoveState;
using ::testing::HasSubstr;
using ::testing::Not;

class Removal : public Stage {
 protected:
  void SetUp() override {
    Stage::SetUp();
    Sql("create role third login password 'x'; grant create on schema public to third");
    Sql("grant create on schema public to app_writer");
  }
  // Up to 15 the kit takes away what anybody but a superuser gave; from 16 on a DBA does, and is
  // told what and how.
  void TakesAwayWhatOthersGave(const Opened& opened) {
    const ports::OffOutcome off = TurnOff(opened);
    EXPECT_EQ(off.state, OffState::kOff) << off.report;
    const ports::RemoveOutcome outcome = Remove(opened);
    if (std::stoi(Sql("show server_version_num")) < 160000) {
      EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
      return;
    }
    EXPECT_EQ(outcome.state, RemoveState::kNeedsReview) << outcome.report;
    EXPECT_THAT(outcome.report, HasSubstr("drop owned by"));
    for (const char* who : {"third", "app_owner"}) {
      // Fails for whoever gave nothing.
      (void)cluster().Psql("shop",
                           absl::StrCat("set role ", who, "; revoke all on public.orders from ",
                                        opened.login.text(), " cascade"));
    }
    for (const char* database : {"shop", "walled"}) {
      if (Sql(absl::StrCat("select count(*) from pg_database where datname = '", database, "'")) ==
          "1") {
        SqlIn(database, absl::StrCat("drop owned by ", opened.login.text()));
      }
    }
    const ports::RemoveOutcome after = Remove(opened);
    EXPECT_EQ(after.state, RemoveState::kRemoved) << after.report;
  }
  Holder Third(const std::string& database = "shop") {
    return Holder(cluster().ConninfoFor("third", "x", database));
  }
};

// C-05: a bystander with one table of their own.
TEST_F(Removal, AnUncommittedGrantByABystanderHoldsUpTheRemovalOnlyAndItComesByItself) {
  const Opened opened = Open();
  Holder third = Third();
  ASSERT_TRUE(third.Run("create table public.bait(x int)"));
  ASSERT_TRUE(third.Run("begin"));
  ASSERT_TRUE(third.Run(absl::StrCat("grant select on public.bait to ", opened.login.text())));
  EXPECT_EQ(TurnOff(opened).state, OffState::kOff);
  EXPECT_EQ(Remove(opened).state, RemoveState::kNotYet);
  ASSERT_TRUE(third.Run("commit"));
  TakesAwayWhatOthersGave(opened);
  EXPECT_THAT(Sql("select relacl from pg_class where relname = 'bait'"), Not(HasSubstr("jit_")));
}

// C-05: the same in a database that the broker cannot enter, and in one where it has no kit.
TEST_F(Removal, AGrantOutOfReachIsNamedAndTheRestIsDone) {
  SqlIn("postgres", "create database walled");
  SqlIn("walled", "grant create on schema public to third");
  const Opened opened = Open();
  Holder third = Third("walled");
  ASSERT_TRUE(third.Run("create table public.bait(x int)"));
  ASSERT_TRUE(third.Run(absl::StrCat("grant select on public.bait to ", opened.login.text())));
  EXPECT_EQ(TurnOff(opened).state, OffState::kOff);

  ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kNeedsReview);
  EXPECT_THAT(outcome.report, HasSubstr("table public.bait"));
  EXPECT_THAT(outcome.report, HasSubstr("neighbour part"));

  SqlIn("postgres", "revoke connect on database walled from public");
  outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kNeedsReview);
  EXPECT_THAT(outcome.report, HasSubstr("walled"));

  target_postgres::KitOptions neighbour;
  neighbour.part = target_postgres::KitPart::kNeighbour;
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("walled"), neighbour), IsOk());
  TakesAwayWhatOthersGave(opened);
  EXPECT_THAT(SqlIn("walled", "select relacl from pg_class where relname = 'bait'"),
              Not(HasSubstr("jit_")));
}

// C-06: a reader leaves large objects in every database that lets everybody in.
TEST_F(Removal, LargeObjectsAreTakenOutOfEveryDatabase) {
  const Opened opened = Open("app_reader");
  for (const char* database : {"shop", "postgres", "template1"}) {
    Holder holder = Enter(opened, "-c default_transaction_read_only=off", database);
    ASSERT_TRUE(holder.Run("select lo_from_bytea(0, 'left behind')")) << database;
  }
  Close(opened);
  for (const char* database : {"shop", "postgres", "template1"}) {
    EXPECT_EQ(SqlIn(database, "select count(*) from pg_largeobject_metadata"), "0") << database;
  }
}

// C-08: handing it over would make it run with its new owner's rights.
TEST_F(Removal, ADefinerFunctionIsDroppedAndNeverHandedOver) {
  const Opened opened = Open();
  Holder holder = Enter(opened);
  ASSERT_TRUE(
      holder.Run("create function public.trap() returns int language sql security definer"
                 " as 'select 1'"));
  EXPECT_EQ(TurnOff(opened).state, OffState::kOff);
  const ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
  EXPECT_THAT(outcome.report, HasSubstr("function"));
  EXPECT_EQ(Sql("select count(*) from pg_proc where proname = 'trap'"), "0");
}

// C-25
TEST_F(Removal, GrantsMadeBySomebodyWhoIsNotTheOwnerAreTakenBackToo) {
  const Opened opened = Open();
  Sql("grant select on public.orders to third with grant option");
  ASSERT_TRUE(Third().Run(absl::StrCat("grant select on public.orders to ", opened.login.text())));
  TakesAwayWhatOthersGave(opened);
  EXPECT_THAT(Sql("select relacl from pg_class where relname = 'orders'"), Not(HasSubstr("jit_")));
  EXPECT_EQ(Sql("select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member"
                " where r.rolname = 'jit_owner' and m.roleid = 'third'::regrole"),
            "0");
}

// C-26
TEST_F(Removal, GrantOptionsThatWerePassedOnAreTakenBackWithWhatTheyGave) {
  const Opened opened = Open();
  Sql(absl::StrCat("set role app_owner; grant select on public.orders to ", opened.login.text(),
                   " with grant option"));
  ASSERT_TRUE(Enter(opened).Run("grant select on public.orders to third"));
  TakesAwayWhatOthersGave(opened);
  EXPECT_THAT(Sql("select relacl from pg_class where relname = 'orders'"), Not(HasSubstr("jit_")));
  EXPECT_THAT(Sql("select relacl from pg_class where relname = 'orders'"), Not(HasSubstr("third")));
}

TEST_F(Removal, GrantsOnTheDatabaseDefaultPrivilegesAndPoliciesAreTakenBack) {
  const Opened opened = Open();
  const std::string& login = opened.login.text();
  Sql(absl::StrCat(
      "alter database shop owner to app_owner; set role app_owner;"
      "grant create on database shop to ",
      login, "; alter default privileges for role app_owner grant select on tables to ", login,
      "; create policy p on public.orders to ", login, " using (true)"));
  TakesAwayWhatOthersGave(opened);
  EXPECT_THAT(Sql("select datacl from pg_database where datname = 'shop'"),
              Not(HasSubstr(opened.login.text())));
  EXPECT_EQ(Sql("select count(*) from pg_default_acl"), "0");
}

// C-39: the clean-up must not be the damage.
TEST_F(Removal, ATableWithRowsAndWhatOthersBuiltOnItStayUntilSomebodyDecides) {
  const Opened opened = Open();
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Run("create table public.migrated as select 1 as x"));
  EXPECT_EQ(TurnOff(opened).state, OffState::kOff);
  ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kNeedsReview);
  EXPECT_THAT(outcome.report, HasSubstr("table public.migrated"));
  EXPECT_EQ(Sql("select x from public.migrated"), "1");

  // A DBA takes it over; the rest goes by itself.
  Sql("alter table public.migrated owner to app_owner");
  outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
  EXPECT_EQ(Sql("select x from public.migrated"), "1");
}

// C-39
TEST_F(Removal, AViewOfSomebodyElseOnAnEmptyTableIsNotTakenAlong) {
  const Opened opened = Open();
  ASSERT_TRUE(Enter(opened).Run("create table public.empty_yet(x int)"));
  Sql("create view public.report as select * from public.empty_yet");
  EXPECT_EQ(TurnOff(opened).state, OffState::kOff);
  const ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kNeedsReview);
  EXPECT_EQ(Sql("select count(*) from pg_views where viewname = 'report'"), "1");
  Sql("drop view public.report");
  EXPECT_EQ(Remove(opened).state, RemoveState::kRemoved);
}

TEST_F(Removal, ATableThatSomebodyHasLockedHoldsUpNobodyElse) {
  const Opened locked = Open();
  const Opened other = Open();
  ASSERT_TRUE(Enter(locked).Run("create table public.hers(x int)"));
  Holder bystander(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(bystander.Run("begin; lock table public.hers"));
  ASSERT_THAT(target().TurnOff({locked.login, other.login}), IsOk());
  auto outcomes = target().Remove({locked.login, other.login});
  ASSERT_THAT(outcomes, IsOk());
  EXPECT_EQ(outcomes->at(0).state, RemoveState::kNotYet) << outcomes->at(0).report;
  EXPECT_EQ(outcomes->at(1).state, RemoveState::kRemoved) << outcomes->at(1).report;
  ASSERT_TRUE(bystander.Run("commit"));
  EXPECT_EQ(Remove(locked).state, RemoveState::kRemoved);
}

// R25: names are the holder's text, and the report is read by people on terminals.
TEST_F(Removal, NamesWithControlCharactersAreReportedHarmlessly) {
  const Opened opened = Open();
  ASSERT_TRUE(Enter(opened).Run("create table public.\"a\x1b[2Jb\ndrop\" as select 1 as x"));
  EXPECT_EQ(TurnOff(opened).state, OffState::kOff);
  const ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_EQ(outcome.state, RemoveState::kNeedsReview);
  for (const char c : outcome.report) EXPECT_GE(c, ' ');
}

// C-15: a backup that is restored has the logins that were open when it was made.
TEST_F(Removal, LoginsOutOfARestoredBackupAreSeenAndCanBeClosed) {
  const Opened opened = Open();
  auto backup = cluster().Clone();
  ASSERT_THAT(backup, IsOk());
  Close(opened);
  auto restored =
      world_->Adapter((*backup)->ConninfoFor("jit_broker", "only-for-tests-0123456789", "shop"),
                      target().Measure()->system_identifier);
  ASSERT_THAT(restored, IsOk());
  auto state = (*restored)->Inspect();
  ASSERT_THAT(state, IsOk());
  ASSERT_EQ(state->logins.size(), 1U);
  EXPECT_EQ(state->logins[0].login, opened.login);
  EXPECT_TRUE(state->logins[0].can_login);
  EXPECT_TRUE(
      Holder((*backup)->ConninfoFor(opened.login.text(), opened.password, "shop")).Connected());
  EXPECT_EQ((*restored)->TurnOff({opened.login})->at(0).state, OffState::kOff);
  EXPECT_EQ((*restored)->Remove({opened.login})->at(0).state, RemoveState::kRemoved);
}

}  // namespace
}  // namespace jit::testing
