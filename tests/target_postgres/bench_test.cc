// Scripts on a real target: what a rehearsal reports, what an execution leaves, and how each ends.
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/target_postgres/bench_stage.h"

namespace jit::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using enum sql::Kind;

class Bench : public BenchStage {
 protected:
  static const change::TableEffect* TableIn(const std::vector<change::TableEffect>& tables,
                                            const std::string& table) {
    for (const change::TableEffect& effect : tables) {
      if (effect.table == table) return &effect;
    }
    return nullptr;
  }

  absl::StatusOr<ports::RunOutcome> UndoOf(const core::LoginName& login, ports::RunEnd end) {
    const Entry entry =
        Admit(end, "app_writer", [&](ports::Preparation& wanted) { wanted.undo_of = login; });
    ports::RunOrder order = OrderOf(entry, {});
    order.purpose = policy::Purpose::kUndo;
    return Go(order);
  }
};

TEST_F(Bench, ARehearsalLeavesNothing) {
  const std::string before = Checksum();
  const ports::RunOutcome outcome =
      Rehearse({Said(kUpdate, "update shop.customers set name = upper(name)"),
                Said(kDelete, "delete from shop.orders where id < 10", 2)});
  EXPECT_THAT(outcome.why, IsOk());
  EXPECT_EQ(outcome.end, ports::RunEnd::kRollBack);
  EXPECT_EQ(Checksum(), before);
  EXPECT_EQ(Sql("select count(*) from jit.row_change"), "0");
  ASSERT_THAT(outcome.report.statements, SizeIs(2));
  EXPECT_EQ(outcome.report.statements[0].rows, 20);
  EXPECT_EQ(outcome.report.statements[1].rows, 9);
  EXPECT_TRUE(outcome.report.statements[0].plan_cost.has_value());
  EXPECT_THAT(outcome.schema_fingerprint, SizeIs(64));
  EXPECT_THAT(outcome.system_identifier, Not(IsEmpty()));
}

TEST_F(Bench, RowsAreCountedByTheirCause) {
  const ports::RunOutcome outcome =
      Rehearse({Said(kDelete, "delete from shop.customers where id <= 2"),
                Said(kUpdate, "update shop.orders set amount = 0 where id in (3, 4)")});
  ASSERT_THAT(outcome.why, IsOk());
  const change::TableEffect* customers = TableIn(outcome.report.tables, "customers");
  const change::TableEffect* orders = TableIn(outcome.report.tables, "orders");
  const change::TableEffect* log = TableIn(outcome.report.tables, "log");
  ASSERT_TRUE(customers != nullptr && orders != nullptr && log != nullptr);
  EXPECT_EQ(customers->direct.deleted, 2);
  EXPECT_EQ(customers->rows_estimate, 20);
  EXPECT_EQ(orders->cascaded.deleted, 10);
  EXPECT_EQ(orders->direct.updated, 2);
  EXPECT_EQ(log->triggered.inserted, 2);
  EXPECT_THAT(outcome.report.statements[0].tables, SizeIs(2));
  EXPECT_THAT(outcome.report.not_rehearsed, Contains(HasSubstr("sequence shop.log_id_seq")));
}

TEST_F(Bench, PartsCountAsTheirTable) {
  const ports::RunOutcome outcome =
      Rehearse({Said(kUpdate, "update shop.measures set value = 0 where day between 90 and 109")});
  ASSERT_THAT(outcome.why, IsOk());
  ASSERT_THAT(outcome.report.tables, SizeIs(1));
  EXPECT_EQ(outcome.report.tables[0].table, "measures");
  EXPECT_EQ(outcome.report.tables[0].direct.updated, 20);
  EXPECT_TRUE(outcome.report.tables[0].guarded);
}

TEST_F(Bench, SamplesShowBeforeAndAfterAndNothingMasked) {
  const ports::RunOutcome outcome =
      Rehearse({Said(kUpdate, "update shop.customers set name = 'x', card = 'secret'")});
  ASSERT_THAT(outcome.report.samples, SizeIs(3));
  const change::Sample& sample = outcome.report.samples[0];
  ASSERT_THAT(sample.cells, SizeIs(3));
  EXPECT_EQ(sample.cells[1].column, "name");
  EXPECT_THAT(sample.cells[1].before.value_or(""), HasSubstr("name "));
  EXPECT_EQ(sample.cells[1].after, "x");
  EXPECT_EQ(sample.cells[2].before, "(masked)");
  EXPECT_EQ(sample.cells[2].after, "(masked)");
}

TEST_F(Bench, LocksAreToldWithTheirMode) {
  const ports::RunOutcome outcome =
      Rehearse({Said(kUpdate, "update shop.customers set name = 'x' where id = 1")});
  EXPECT_THAT(outcome.report.locks,
              Contains(::testing::AllOf(Field(&change::LockTaken::object, "shop.customers"),
                                        Field(&change::LockTaken::mode, "RowExclusiveLock"))));
}

TEST_F(Bench, AnExecutionCommitsOnce) {
  const Entry entry = Admit(ports::RunEnd::kCommit);
  const std::vector<sql::Statement> script = {
      Said(kUpdate, "update shop.orders set amount = amount + 1 where id = 1")};
  auto first = Go(OrderOf(entry, script));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->why, IsOk());
  EXPECT_EQ(first->end, ports::RunEnd::kCommit);
  ASSERT_TRUE(watching_.asked.has_value());
  EXPECT_EQ(watching_.asked_fingerprint, first->schema_fingerprint);
  EXPECT_EQ(bench().SchemaFingerprint().value_or(""), first->schema_fingerprint);
  EXPECT_EQ(Sql("select amount from shop.orders where id = 1"), "2");

  auto second = Go(OrderOf(entry, script));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->end, ports::RunEnd::kRollBack);
  EXPECT_THAT(second->why.message(), HasSubstr("already executed"));
  EXPECT_EQ(Sql("select amount from shop.orders where id = 1"), "2");
  EXPECT_EQ(bench().Look(entry.change).value(), ports::ExecutionState::kCommitted);
  EXPECT_EQ(bench().Look(NewChange()).value(), ports::ExecutionState::kAbsent);
}

TEST_F(Bench, WhoMayNotCommitRollsBack) {
  watching_.may_commit = [] { return absl::FailedPreconditionError("orders=1, found 5"); };
  const std::string before = Checksum();
  const ports::RunOutcome outcome =
      Apply({Said(kDelete, "delete from shop.orders where customer = 1")});
  EXPECT_EQ(outcome.end, ports::RunEnd::kRollBack);
  EXPECT_EQ(outcome.why.message(), "orders=1, found 5");
  EXPECT_EQ(outcome.report.tables.at(0).direct.deleted, 5);
  EXPECT_EQ(Checksum(), before);
}

TEST_F(Bench, AFailedStatementIsNamedWithItsLineAndWhatTheServerSaid) {
  const std::string before = Checksum();
  const ports::RunOutcome outcome =
      Apply({Said(kUpdate, "update shop.orders set amount = 7"),
             Said(kInsert, "insert into shop.orders values (1, 1, 1)", 4)});
  EXPECT_EQ(outcome.end, ports::RunEnd::kRollBack);
  EXPECT_THAT(outcome.why.message(), HasSubstr("statement 2, line 4"));
  EXPECT_THAT(outcome.why.message(), HasSubstr("already exists"));
  ASSERT_THAT(outcome.report.statements, SizeIs(2));
  EXPECT_EQ(outcome.report.statements[0].rows, 100);
  EXPECT_EQ(TableIn(outcome.report.tables, "orders")->direct.updated, 100);
  EXPECT_EQ(Checksum(), before);
}

TEST_F(Bench, WhatIsDeferredIsMetBeforeItIsCounted) {
  Sql("alter table shop.orders add constraint later unique (customer, amount)"
      " deferrable initially deferred");
  const ports::RunOutcome outcome =
      Apply({Said(kUpdate, "update shop.orders set amount = 1 where customer = 1")});
  EXPECT_EQ(outcome.end, ports::RunEnd::kRollBack);
  EXPECT_THAT(outcome.why.message(), HasSubstr("at the end"));
  EXPECT_FALSE(watching_.asked.has_value());
}

TEST_F(Bench, ACancelledRunStopsItsStatement) {
  const absl::Time start = Now();
  watching_.cancelled = [&] { return Now() - start > absl::Milliseconds(600); };
  const ports::RunOutcome outcome = Apply({Said(kRead, "select pg_sleep(15)")});
  EXPECT_EQ(outcome.end, ports::RunEnd::kRollBack);
  EXPECT_TRUE(absl::IsCancelled(outcome.why)) << outcome.why;
  EXPECT_LT(Now() - start, absl::Seconds(5));
}

TEST_F(Bench, ARunHasALimit) {
  const Entry entry = Admit(ports::RunEnd::kRollBack);
  ports::RunOrder order = OrderOf(entry, {Said(kRead, "select pg_sleep(15)")});
  order.run_max = absl::Milliseconds(500);
  auto outcome = Go(order);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome->why)) << outcome->why;
}

TEST_F(Bench, AStatementHasALimit) {
  const Entry entry = Admit(ports::RunEnd::kRollBack);
  ports::RunOrder order = OrderOf(entry, {Said(kRead, "select pg_sleep(15)")});
  order.statement_timeout = absl::Milliseconds(300);
  auto outcome = Go(order);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_THAT(outcome->why.message(), HasSubstr("statement timeout"));
}

TEST_F(Bench, ARunWaitsNoLongerForALockThanItMay) {
  const Entry entry = Admit(ports::RunEnd::kRollBack);
  Holder holder(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(holder.Connected());
  holder.Run("begin; lock table shop.orders in share mode");
  ports::RunOrder order = OrderOf(entry, {Said(kUpdate, "update shop.orders set amount = 1")});
  order.lock_timeout = absl::Milliseconds(300);
  auto outcome = Go(order);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_THAT(outcome->why.message(), HasSubstr("lock timeout"));
}

TEST_F(Bench, ABackendThatIsKilledIsARollback) {
  const std::string before = Checksum();
  watching_.on_progress = [&](const ports::RunProgress& progress) {
    if (progress.statement == 2) {
      Sql(absl::StrCat("select pg_terminate_backend(pid) from pg_stat_activity where usename = '",
                       last_->text(), "'"));
    }
  };
  const ports::RunOutcome outcome = Apply({Said(kUpdate, "update shop.orders set amount = 1"),
                                           Said(kUpdate, "update shop.orders set amount = 2")});
  EXPECT_EQ(outcome.end, ports::RunEnd::kRollBack);
  EXPECT_FALSE(outcome.why.ok());
  EXPECT_EQ(Checksum(), before);
}

TEST_F(Bench, ATableWithoutAGuardIsListedInARehearsalAndRefusedInAnExecution) {
  const std::vector<sql::Statement> script = {
      Said(kUpdate, "update shop.foreign_owned set id = 5")};
  const ports::RunOutcome rehearsed = Rehearse(script);
  ASSERT_THAT(rehearsed.why, IsOk());
  ASSERT_THAT(rehearsed.report.tables, SizeIs(1));
  EXPECT_FALSE(rehearsed.report.tables[0].guarded);
  EXPECT_EQ(rehearsed.report.tables[0].direct.updated, 1);
  EXPECT_THAT(rehearsed.report.undo_cannot, Contains(HasSubstr("shop.foreign_owned")));
  const ports::RunOutcome applied = Apply(script);
  EXPECT_EQ(applied.end, ports::RunEnd::kRollBack);
  EXPECT_THAT(applied.why.message(), HasSubstr("cannot be taken back"));
  EXPECT_EQ(Sql("select id from shop.foreign_owned"), "1");
}

TEST_F(Bench, ATableWithoutAKeyIsTold) {
  const ports::RunOutcome outcome = Rehearse({Said(kUpdate, "update shop.notes set what = 'c'")});
  ASSERT_THAT(outcome.report.tables, SizeIs(1));
  EXPECT_FALSE(outcome.report.tables[0].has_key);
  EXPECT_THAT(outcome.report.undo_cannot, Contains(HasSubstr("no primary key")));
}

TEST_F(Bench, ACeilingOfTheRunIsKept) {
  const Entry entry = Admit(ports::RunEnd::kCommit, "app_writer",
                            [](ports::Preparation& wanted) { wanted.rows_max = 50; });
  auto outcome = Go(OrderOf(entry, {Said(kUpdate, "update shop.orders set amount = 1")}));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->end, ports::RunEnd::kRollBack);
  EXPECT_THAT(outcome->why.message(), HasSubstr("ceiling"));
}

TEST_F(Bench, ALockedTableIsNamed) {
  Holder holder(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(holder.Connected());
  holder.Run("begin; lock table shop.orders in access exclusive mode");
  Entry entry{Prepare(), NewChange(), ports::RunEnd::kRollBack, {}};
  const absl::Status prepared = bench().Prepare(PreparationFor(entry));
  EXPECT_TRUE(absl::IsUnavailable(prepared));
  EXPECT_THAT(prepared.message(), HasSubstr("table shop.orders is locked by somebody"));
}

TEST_F(Bench, AnUndoRestoresEveryRow) {
  const std::string before = Checksum();
  const Entry done = Admit(ports::RunEnd::kCommit);
  auto applied = Go(OrderOf(done, {Said(kDelete, "delete from shop.customers where id < 5"),
                                   Said(kUpdate, "update shop.customers set name = 'x'"),
                                   Said(kInsert, "insert into shop.orders values (500, 9, 1)")}));
  ASSERT_THAT(applied, IsOk());
  ASSERT_EQ(applied->end, ports::RunEnd::kCommit) << applied->why;
  EXPECT_NE(Checksum(), before);

  const auto undo = [&](ports::RunEnd end) { return UndoOf(done.opened.login, end); };
  auto rehearsed = undo(ports::RunEnd::kRollBack);
  ASSERT_THAT(rehearsed, IsOk());
  EXPECT_THAT(rehearsed->why, IsOk());
  EXPECT_THAT(rehearsed->report.conflicts, IsEmpty());
  EXPECT_NE(Checksum(), before);

  Sql("update shop.customers set name = 'changed since' where id = 7");
  auto conflicting = undo(ports::RunEnd::kCommit);
  ASSERT_THAT(conflicting, IsOk());
  EXPECT_EQ(conflicting->end, ports::RunEnd::kRollBack);
  EXPECT_THAT(conflicting->report.conflicts, SizeIs(1));
  Sql("update shop.customers set name = 'x' where id = 7");

  auto undone = undo(ports::RunEnd::kCommit);
  ASSERT_THAT(undone, IsOk());
  EXPECT_EQ(undone->end, ports::RunEnd::kCommit) << undone->why;
  EXPECT_EQ(Checksum(), before);
}

TEST_F(Bench, ARehearsalTellsWhatAnUndoMayRefuse) {
  Sql("set role app_owner;"
      "create table shop.tree(id int primary key, name text,"
      " parent int references shop.tree on update cascade);"
      "create table shop.heads(id int primary key);"
      "create table shop.lines(id int primary key,"
      " head int references shop.heads on delete cascade deferrable,"
      " other int references shop.heads on update cascade deferrable);"
      "insert into shop.tree values (1, 'a', null), (2, 'b', 1), (3, 'c', 2);"
      "insert into shop.heads values (1), (2), (3), (4); insert into shop.lines values (1, 1, 3);"
      "grant select, insert, update, delete on shop.tree, shop.heads, shop.lines to app_writer");
  sql::Statement defer = Said(kSetting, "SET CONSTRAINTS ALL DEFERRED");
  defer.tag = "SET CONSTRAINTS";
  const sql::Statement rename = Said(kUpdate, "update shop.tree set name = 'x'");
  const sql::Statement renumber = Said(kUpdate, "update shop.tree set id = id + 10");
  const sql::Statement line = Said(kInsert, "insert into shop.lines values (9, 5)");
  const sql::Statement head = Said(kInsert, "insert into shop.heads values (5)");
  const sql::Statement move = Said(kUpdate, "update shop.heads set id = 11 where id = 1");
  const sql::Statement again = Said(kInsert, "insert into shop.heads values (1)");
  const sql::Statement remove = Said(kDelete, "delete from shop.heads where id = 3");
  const sql::Statement replace = Said(kUpdate, "update shop.heads set id = 3 where id = 4");

  using Script = std::vector<sql::Statement>;
  for (const Script& harmless : {Script{rename}, Script{head, line}, Script{defer, line, head}}) {
    const ports::RunOutcome outcome = Rehearse(harmless);
    ASSERT_THAT(outcome.why, IsOk());
    EXPECT_THAT(outcome.report.undo_cannot, IsEmpty());
  }
  EXPECT_THAT(Rehearse({defer, remove, replace}).report.undo_cannot,
              ElementsAre(AllOf(HasSubstr("keys of shop.heads"), HasSubstr("lines_other_fkey"))));
  const std::vector<std::pair<Script, std::string>> refused = {
      {{renumber}, "tree_parent_fkey"}, {{defer, move, again}, "lines_head_fkey"}};
  for (const auto& [script, key] : refused) {
    const ports::RunOutcome rehearsed = Rehearse(script);
    ASSERT_THAT(rehearsed.why, IsOk());
    EXPECT_THAT(rehearsed.report.undo_cannot,
                ElementsAre(AllOf(HasSubstr(key), HasSubstr("undo may refuse"))));
    const ports::RunOutcome applied = Apply(script);
    ASSERT_EQ(applied.end, ports::RunEnd::kCommit) << applied.why;
    EXPECT_THAT(applied.report.undo_cannot, Contains(HasSubstr(key)));
    auto undone = UndoOf(*last_, ports::RunEnd::kRollBack);
    ASSERT_THAT(undone, IsOk());
    EXPECT_THAT(undone->report.conflicts, Not(IsEmpty())) << key;
  }
}

TEST_F(Bench, WhatALoginDidIsReadRowByRow) {
  const Entry entry = Admit(ports::RunEnd::kCommit);
  auto outcome = Go(OrderOf(
      entry, {Said(kUpdate, "update shop.customers set name = 'x', card = 'y' where id = 3")}));
  ASSERT_THAT(outcome, IsOk());
  auto changes = bench().RowChanges(entry.opened.login, 0, 10);
  ASSERT_THAT(changes, IsOk());
  ASSERT_THAT(*changes, SizeIs(1));
  EXPECT_EQ((*changes)[0].table, "customers");
  EXPECT_EQ((*changes)[0].rows, 1);
  auto rows =
      bench().RowsOf(entry.opened.login, (*changes)[0].sequence, 10, {"shop.customers.card"});
  ASSERT_THAT(rows, IsOk());
  ASSERT_THAT(*rows, SizeIs(1));
  EXPECT_EQ((*rows)[0].cells[1].before, "name 3");
  EXPECT_EQ((*rows)[0].cells[1].after, "x");
  EXPECT_EQ((*rows)[0].cells[2].before, "(masked)");
  EXPECT_EQ(bench().ForgetImages(Now() + absl::Hours(1)).value(), 1);
  EXPECT_THAT(*bench().RowChanges(entry.opened.login, 0, 10), IsEmpty());
}

TEST_F(Bench, AScriptThatCannotBeRehearsedRunsStatementByStatement) {
  Entry entry = Admit(ports::RunEnd::kCommit, "app_owner");
  ports::RunOrder order =
      OrderOf(entry, {Said(kOther, "vacuum shop.orders"),
                      Said(kCreate, "create index concurrently by_amount on shop.orders (amount)"),
                      Said(kOther, "vacuum shop.nowhere", 3)});
  order.purpose = policy::Purpose::kUnrehearsed;
  auto outcome = Go(order);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->end, ports::RunEnd::kCommit);
  EXPECT_THAT(outcome->why.message(), HasSubstr("statement 3, line 3"));
  EXPECT_EQ(Sql("select to_regclass('shop.by_amount') is not null"), "t");
  EXPECT_EQ(Sql("select relowner::regrole from pg_class where relname = 'by_amount'"), "app_owner");
}

TEST_F(Bench, DefinitionsRunAsTheOwnerAndAreTold) {
  auto outcome = Go(OrderOf(Admit(ports::RunEnd::kCommit, "app_owner"),
                            {Said(kCreate, "create table shop.extra(id int primary key)"),
                             Said(kInsert, "insert into shop.extra values (1), (2)"),
                             Said(kAlter, "alter table shop.orders add column note text")}));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->end, ports::RunEnd::kCommit) << outcome->why;
  using What = change::ObjectEffect::What;
  EXPECT_THAT(outcome->report.objects,
              Contains(change::ObjectEffect{What::kCreated, "relation", "shop.extra"}));
  EXPECT_THAT(outcome->report.objects,
              Contains(change::ObjectEffect{What::kCreated, "column", "shop.orders.note"}));
  EXPECT_EQ(Sql("select tableowner from pg_tables where tablename = 'extra'"), "app_owner");
}

TEST_F(Bench, ACommitThatNobodyAnsweredIsUnknownAndFoundByLooking) {
  const Entry entry = Admit(ports::RunEnd::kCommit);
  watching_.may_commit = [&] {
    // The server goes before it can answer COMMIT.
    EXPECT_THAT(cluster().Stop(PrivatePostgres::StopMode::kImmediate), IsOk());
    return absl::OkStatus();
  };
  auto outcome = Go(OrderOf(entry, {Said(kUpdate, "update shop.orders set amount = 1")}));
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kUnknown) << outcome.status();
  ASSERT_THAT(cluster().Resume(), IsOk());
  EXPECT_EQ(bench().Look(entry.change).value(), ports::ExecutionState::kAbsent);
}

TEST_F(Bench, GuardsGoWhenNobodyNeedsThem) {
  const Entry entry = Admit(ports::RunEnd::kRollBack);
  EXPECT_NE(Sql("select count(*) from pg_trigger where tgname like 'zz_jit%'"), "0");
  Close(entry.opened);
  EXPECT_THAT(target().Tidy(), IsOk());
  EXPECT_EQ(Sql("select count(*) from pg_trigger where tgname like 'zz_jit%'"), "0");
}

}  // namespace
}  // namespace jit::testing
