// What destroys is kept and what is made is noted, and an undo turns both round; guards of holders.
#include "absl/strings/str_cat.h"
#include "tests/target_postgres/bench_stage.h"

namespace jit::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using enum sql::Kind;

sql::Statement Destroying(const std::string& text, sql::Loss loss, const std::string& name,
                          const std::string& part = "") {
  sql::Statement statement = Said(kDrop, text);
  sql::Destruction lost;
  lost.loss = loss;
  lost.object = {"shop", name};
  lost.part = part;
  statement.destroys = {lost};
  statement.only_destroys = true;
  return statement;
}

class BenchKeeps : public BenchStage {
 protected:
  // Applies it as the owner, then takes it back.
  ports::RunOutcome Define(const std::vector<sql::Statement>& statements) {
    applied_ = Admit(ports::RunEnd::kCommit, "app_owner");
    auto outcome = Go(OrderOf(*applied_, statements));
    EXPECT_THAT(outcome, IsOk());
    if (!outcome.ok()) return {};
    EXPECT_EQ(outcome->end, ports::RunEnd::kCommit) << outcome->why;
    return *outcome;
  }
  ports::RunOutcome Undo() {
    const Entry entry = Admit(ports::RunEnd::kCommit, "app_owner", [&](ports::Preparation& wanted) {
      wanted.undo_of = applied_->opened.login;
    });
    ports::RunOrder order = OrderOf(entry, {});
    order.purpose = policy::Purpose::kUndo;
    auto outcome = Go(order);
    EXPECT_THAT(outcome, IsOk());
    if (!outcome.ok()) return {};
    EXPECT_EQ(outcome->end, ports::RunEnd::kCommit) << outcome->why;
    return *outcome;
  }
  std::string Fingerprint() { return bench().SchemaFingerprint().value_or("none"); }

  std::optional<Entry> applied_;
};

TEST_F(BenchKeeps, ADroppedTableComesBack) {
  const std::string before = Checksum();
  const std::string schema = Fingerprint();
  const ports::RunOutcome outcome =
      Define({Destroying("drop table shop.notes", sql::Loss::kTable, "notes")});
  ASSERT_THAT(outcome.report.statements, SizeIs(1));
  EXPECT_THAT(outcome.report.statements[0].kept, HasSubstr("notes"));
  EXPECT_EQ(Sql("select to_regclass('shop.notes') is null"), "t");
  auto kept = bench().KeptBy(applied_->change);
  ASSERT_THAT(kept, IsOk());
  EXPECT_THAT(*kept, SizeIs(1));
  Undo();
  EXPECT_EQ(Checksum(), before);
  EXPECT_EQ(Fingerprint(), schema);
}

TEST_F(BenchKeeps, TruncatedRowsComeBack) {
  const std::string before = Checksum();
  Define({Destroying("truncate shop.measures", sql::Loss::kRows, "measures")});
  EXPECT_EQ(Sql("select count(*) from shop.measures"), "0");
  Undo();
  EXPECT_EQ(Checksum(), before);
}

TEST_F(BenchKeeps, ADroppedColumnComesBack) {
  const std::string before = Checksum();
  sql::Statement drop = Destroying("alter table shop.orders drop column amount", sql::Loss::kColumn,
                                   "orders", "amount");
  drop.kind = kAlter;
  Define({drop});
  Undo();
  EXPECT_EQ(Checksum(), before);
}

TEST_F(BenchKeeps, WhatWasMadeIsTakenAway) {
  const std::string schema = Fingerprint();
  const ports::RunOutcome outcome =
      Define({Said(kCreate, "create table shop.extra(id serial primary key, what text unique)"),
              Said(kCreate, "create index on shop.orders (amount)"),
              Said(kCreate, "create view shop.few as select * from shop.orders where id < 5"),
              Said(kAlter, "alter table shop.customers add column note text"),
              Said(kUpdate, "update shop.customers set note = 'x'")});
  EXPECT_NE(Fingerprint(), schema);
  EXPECT_THAT(outcome.report.undo_cannot, Not(Contains(HasSubstr("altered"))));
  Undo();
  EXPECT_EQ(Fingerprint(), schema);
}

TEST_F(BenchKeeps, ADefinitionThatIsReplacedIsToldToStay) {
  Sql("set role app_owner;"
      " create function shop.notes_count() returns bigint language sql as 'select 1::bigint';"
      " create view shop.seen as select id from shop.orders");
  // The name of what is kept is a part of the function's: that keeps nothing of it.
  const ports::RunOutcome outcome = Define(
      {Destroying("drop table shop.notes", sql::Loss::kTable, "notes"),
       Said(kCreate,
            "create or replace function shop.notes_count() returns bigint language sql"
            " as 'select 2::bigint'"),
       Said(kCreate, "create or replace view shop.seen as select id from shop.orders where id > 1"),
       Said(kCreate,
            "create or replace function shop.fresh() returns int language sql as 'select 1'")});
  EXPECT_THAT(outcome.report.undo_cannot, Contains(HasSubstr("shop.notes_count() stays")));
  EXPECT_THAT(outcome.report.undo_cannot, Contains(HasSubstr("shop.seen")));
  EXPECT_THAT(outcome.report.undo_cannot, Not(Contains(HasSubstr("shop.fresh"))));
  Undo();
  EXPECT_EQ(Sql("select shop.notes_count()"), "2");
  EXPECT_EQ(Sql("select to_regprocedure('shop.fresh()') is null"), "t");
  EXPECT_EQ(Sql("select to_regclass('shop.notes') is null"), "f");
}

TEST_F(BenchKeeps, WhatWasKeptIsDroppedForGood) {
  Define({Destroying("drop table shop.notes", sql::Loss::kTable, "notes")});
  const core::ChangeId dropped = applied_->change;
  const Entry entry = Admit(ports::RunEnd::kCommit, "app_owner",
                            [&](ports::Preparation& wanted) { wanted.drop_of = dropped; });
  ports::RunOrder order = OrderOf(entry, {});
  order.purpose = policy::Purpose::kDropForGood;
  auto outcome = Go(order);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->end, ports::RunEnd::kCommit) << outcome->why;
  EXPECT_THAT(*bench().KeptBy(dropped), IsEmpty());
}

TEST_F(BenchKeeps, WhatCannotBeKeptIsNotRun) {
  const Entry entry = Admit(ports::RunEnd::kCommit, "app_owner");
  auto outcome = Go(OrderOf(entry, {Destroying("drop extension x", sql::Loss::kUnkeepable, "x")}));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->end, ports::RunEnd::kRollBack);
  EXPECT_THAT(outcome->why.message(), HasSubstr("cannot be kept"));
}

TEST_F(BenchKeeps, AHolderIsGuardedWithTheirCeilings) {
  Sql("drop table shop.foreign_owned; alter table shop.notes add primary key (what)");
  Opened opened = Prepare();
  opened.order.guard = policy::GuardTerms{.statement_rows = 5, .session_rows = 8};
  ASSERT_THAT(target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              IsOk());
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Connected());
  EXPECT_TRUE(holder.Run("update shop.orders set amount = 0 where id <= 4"));
  EXPECT_FALSE(holder.Run("update shop.orders set amount = 0 where id <= 6"));
  EXPECT_EQ(holder.Ask("update shop.orders set amount = 1 where id <= 5"), "ERROR 54000");
  Close(opened);
  EXPECT_THAT(target().Tidy(), IsOk());
  EXPECT_EQ(Sql("select count(*) from pg_trigger where tgname like 'zz_jit%'"), "0");
}

TEST_F(BenchKeeps, AHolderWhoCouldChangeWhatCannotBeGuardedIsRefused) {
  Opened opened = Prepare();
  opened.order.guard = policy::GuardTerms{.keyless = policy::GuardTerms::Keyless::kAllowed};
  const absl::Status refused =
      target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier));
  EXPECT_THAT(refused, RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(refused.message(), HasSubstr("shop.foreign_owned"));
  EXPECT_THAT(refused.message(), HasSubstr("alter table"));
  EXPECT_FALSE(RoleExists(opened));
}

TEST_F(BenchKeeps, TablesWithoutAKeyAreAllowedWhereTheTermsSaySo) {
  Sql("drop table shop.foreign_owned");
  Opened opened = Prepare();
  opened.order.guard = policy::GuardTerms{};
  const credential::ScramVerifier verifier = *credential::ScramVerifier::Parse(opened.verifier);
  const absl::Status refused = target().OpenLogin(opened.order, verifier);
  EXPECT_THAT(refused, RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(refused.message(), HasSubstr("shop.notes"));
  EXPECT_THAT(refused.message(), HasSubstr("ask again with --keyless "));
  opened.order.guard->keyless = policy::GuardTerms::Keyless::kRefused;
  EXPECT_THAT(target().OpenLogin(opened.order, verifier).message(), Not(HasSubstr("--keyless")));
  opened.order.guard->keyless = policy::GuardTerms::Keyless::kAllowed;
  ASSERT_THAT(target().OpenLogin(opened.order, verifier), IsOk());
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Connected());
  EXPECT_TRUE(holder.Run("update shop.notes set what = 'c' where what = 'a'"));
}

TEST_F(BenchKeeps, TablesWithoutAKeyAreChangedByThoseWhoNamedThem) {
  Sql("drop table shop.foreign_owned; set role app_owner; create table shop.loose(a int);"
      " insert into shop.loose values (1); grant insert, select, update, delete on shop.loose"
      " to app_writer");
  Opened opened = Prepare();
  opened.order.guard = policy::GuardTerms{};
  opened.order.keyless = {"shop.notes"};
  const credential::ScramVerifier verifier = *credential::ScramVerifier::Parse(opened.verifier);
  const absl::Status refused = target().OpenLogin(opened.order, verifier);
  EXPECT_THAT(refused, RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_THAT(refused.message(), HasSubstr("put back: shop.loose; ask again with --keyless "
                                           "shop.loose --keyless shop.notes so that"));
  EXPECT_FALSE(RoleExists(opened));

  // What is named and has a key, or is not there, does no harm.
  opened.order.keyless = {"shop.gone", "shop.loose", "shop.notes", "shop.orders"};
  ASSERT_THAT(target().OpenLogin(opened.order, verifier), IsOk());
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Connected());
  EXPECT_TRUE(holder.Run("update shop.notes set what = 'c' where what = 'a'"));
  EXPECT_TRUE(holder.Run("update shop.loose set a = 2"));
  // A table that came later was accepted by nobody.
  Sql("set role app_owner; create table shop.later(a int); insert into shop.later values (1);"
      " grant insert, select, update, delete on shop.later to app_writer");
  ASSERT_THAT(target().Tidy(), IsOk());
  EXPECT_FALSE(holder.Run("update shop.later set a = 2"));
}

}  // namespace
}  // namespace jit::testing
