// The guard: what it counts, what it refuses, what it leaves alone, and that nobody gets round it.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "broker/target_postgres/kit.h"
#include "tests/target_postgres/guarded_stage.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Guard : public GuardedStage {
 protected:
  // The thousand orders of the shop, and what a ceiling of ten rows does with them.
  Opened OpenWithTen() { return OpenInteractive({.statement_rows = "10", .session_rows = "25"}); }
  std::string OrdersTouched() {
    return Sql(
        "select count(*) from generate_series(1, 1000) i full join orders o on o.id = i"
        " where o.id is null or i is null or o.amount <> i % 100");
  }
};

TEST_F(Guard, AStatementOverItsCeilingIsRefusedAndNothingIsChanged) {
  Holder writer = Enter(OpenWithTen());
  for (const char* sql :
       {"update orders set amount = -1", "update orders set amount = -1 where true",
        "update orders set amount = -1 where id = id", "delete from orders",
        "delete from orders where id between 1 and 11",
        "insert into orders select i, 'x', 1 from generate_series(2001, 2011) i",
        "insert into orders select i, 'x', 1 from generate_series(1, 11) i"
        " on conflict (id) do update set amount = -1",
        "merge into orders o using generate_series(1, 11) i on o.id = i"
        " when matched then update set amount = -1",
        "with gone as (delete from orders where id <= 11 returning 1) select count(*) from gone",
        "with a as (update orders set amount = -1 where id <= 11) select 1",
        "do $$ begin update orders set amount = -1; exception when others then"
        " update orders set amount = -1; end $$"}) {
    EXPECT_EQ(writer.Ask(sql), "ERROR 54000") << sql;
  }
  EXPECT_EQ(OrdersTouched(), "0");
}

TEST_F(Guard, WhatStaysUnderTheCeilingPasses) {
  Holder writer = Enter(OpenWithTen());
  for (const char* sql : {"update orders set amount = -1 where id <= 10",
                          "insert into orders select i, 'x', 1 from generate_series(1, 500) i"
                          " on conflict (id) do nothing",  // five hundred offered, none inserted
                          "update orders set amount = -1 where false",
                          "merge into orders o using generate_series(11, 15) i on o.id = i"
                          " when matched then update set amount = -1",
                          "select count(*) from orders", "create temp table t(x int)",
                          "insert into t select generate_series(1, 100000)"}) {
    EXPECT_TRUE(writer.Run(sql)) << sql;
  }
  EXPECT_EQ(OrdersTouched(), "15");
}

TEST_F(Guard, ManySmallStatementsMeetTheCeilingOfTheSession) {
  const Opened opened = OpenWithTen();
  Holder writer = Enter(opened);
  EXPECT_EQ(writer.Ask("do $$ begin for i in 1..1000 loop update orders set amount = -1"
                       " where id = i; end loop; end $$"),
            "ERROR 54000");
  EXPECT_EQ(OrdersTouched(), "0");
  // Savepoints and caught exceptions give back what they undo, and no more.
  EXPECT_EQ(writer.Ask("do $$ begin for i in 1..1000 loop begin update orders set amount = -1"
                       " where id = i; exception when others then null; end; end loop; end $$"),
            "");
  EXPECT_EQ(OrdersTouched(), "25");
  Holder second = Enter(opened);
  EXPECT_EQ(second.Ask("update orders set amount = -1 where id = 900"), "ERROR 54000");
  EXPECT_EQ(second.Ask("insert into orders values (3000, 'x', 1)"), "ERROR 54000");
}

TEST_F(Guard, CopyIsCounted) {
  Sql("alter table orders alter amount set default 0");
  const Opened opened = OpenWithTen();
  auto run = [&](const std::string& numbers) {
    return std::system(absl::StrCat("seq ", numbers, " | sed 's/$/\\tx\\t1/' | psql -X -q '",
                                    Conninfo(opened), "' -c 'copy orders from stdin' 2>/dev/null")
                           .c_str());
  };
  EXPECT_NE(run("4001 4011"), 0);
  EXPECT_EQ(run("4001 4010"), 0);
  EXPECT_EQ(Sql("select count(*) from orders"), "1010");
}

TEST_F(Guard, ALargeShareOfATableIsRefusedHoweverManyRowsItHas) {
  Holder writer = Enter(OpenInteractive({.share = "0.5", .share_floor = "50"}));
  EXPECT_EQ(writer.Ask("update orders set amount = -1 where id <= 500"), "ERROR 54000");
  EXPECT_EQ(writer.Ask("delete from orders where id <= 500"), "ERROR 54000");
  EXPECT_TRUE(writer.Run("delete from orders where id <= 499"));
  EXPECT_TRUE(writer.Run("update orders set amount = -1 where id between 501 and 700"));
  EXPECT_TRUE(writer.Run("insert into orders select i, 'x', 1 from generate_series(5001, 9000) i"));
  Owner("create table small(id int primary key); insert into small select generate_series(1, 50)");
  MakeWritable("small");
  AttachAll();
  EXPECT_TRUE(writer.Run("delete from small"));
  EXPECT_TRUE(Enter(OpenInteractive({.share = "1.0"})).Run("update orders set amount = -1"));
}

TEST_F(Guard, ViewsRulesAndDefinerFunctionsLeadToTheSameGuard) {
  Owner(
      "create view big as select * from orders where amount > 50;"
      "create view bigger as select * from big;"
      "create view ruled as select id from orders;"
      "create rule gone as on delete to ruled do instead delete from orders where id = old.id;"
      "create function wipe(n int) returns void language sql security definer as"
      " 'delete from public.orders where id <= n';"
      "revoke all on orders from app_writer; grant select on orders to app_writer");
  MakeWritable("bigger, ruled");
  Holder writer = Enter(OpenWithTen());
  EXPECT_EQ(writer.Ask("update bigger set amount = 60"), "ERROR 54000");
  EXPECT_EQ(writer.Ask("delete from ruled"), "ERROR 54000");
  EXPECT_EQ(writer.Ask("select wipe(11)"), "ERROR 54000");
  EXPECT_TRUE(writer.Run("select wipe(10)"));
  EXPECT_EQ(Sql("select count(*) from orders"), "990");
}

TEST_F(Guard, CascadesAndTriggersAreCountedAndToldApart) {
  Owner(
      "create table a(id int primary key, v text);"
      "create table b(id int primary key, a int references a on delete cascade);"
      "create table c(id int primary key, b int references b on delete cascade);"
      "create table n(id int primary key, b int references b on delete set null);"
      "create table heard(id int generated always as identity primary key, a int);"
      "create function hear() returns trigger language plpgsql security definer as"
      " $$ begin insert into public.heard(a) values (old.id); return null; end $$;"
      "create trigger hearing after delete on a for each row execute function hear();"
      "insert into a select i, 'a' from generate_series(1, 10) i;"
      "insert into b select i, (i + 1) / 2 from generate_series(1, 20) i;"
      "insert into c select i, (i + 1) / 2 from generate_series(1, 40) i;"
      "insert into n select i, i from generate_series(1, 20) i");
  MakeWritable("a");
  Holder writer = Enter(OpenWithTen());
  EXPECT_EQ(writer.Ask("delete from a where id <= 4"), "ERROR 54000");  // sixteen of c
  const Opened runner = OpenRunner();
  EXPECT_TRUE(Enter(runner).Run("delete from a where id <= 2"));
  const std::string steps = StepsOf(runner);
  for (const char* step : {"a D 2 statement", "b D 4 cascade", "c D 8 cascade", "n U 4 cascade",
                           "heard I 1 trigger"}) {
    EXPECT_THAT(steps, HasSubstr(step));
  }
}

TEST_F(Guard, PartitionedTablesAreGuardedAtTheRootAndAtEveryLeafOnce) {
  Owner(
      "create table p(id int, k int, v text, primary key (id, k)) partition by list (k);"
      "create table p1 partition of p for values in (1);"
      "create table p2 partition of p for values in (2) partition by range (id);"
      "create table p2a partition of p2 for values from (0) to (1000);"
      "insert into p select i, 1 + i % 2, 'v' from generate_series(1, 100) i");
  MakeWritable("p, p1, p2, p2a");
  Holder writer = Enter(OpenWithTen());
  for (const char* table : {"p", "p1", "p2", "p2a"}) {
    EXPECT_EQ(writer.Ask(absl::StrCat("update ", table, " set v = 'x'")), "ERROR 54000") << table;
    EXPECT_EQ(writer.Ask(absl::StrCat("delete from ", table)), "ERROR 54000") << table;
  }
  const Opened runner = OpenRunner();
  EXPECT_TRUE(Enter(runner).Run("update p set v = 'x' where id <= 4"));
  EXPECT_TRUE(Enter(runner).Run("update p2a set v = 'y' where id <= 4"));
  EXPECT_TRUE(Enter(runner).Run("update p set k = 3 - k where id <= 4"));
  EXPECT_EQ(StepsOf(runner), "p U 4 statement, p2a U 2 statement, p U 4 statement");
  // A partition made while the guard is there: rows on the way through the root are seen.
  Owner("create table p3 partition of p for values in (3)");
  EXPECT_EQ(writer.Ask("insert into p select i, 3, 'v' from generate_series(1, 11) i"),
            "ERROR 54000");
  EXPECT_TRUE(writer.Run("insert into p select i, 3, 'v' from generate_series(1, 5) i"));
  Owner("grant delete, select on p3 to app_writer");
  AttachAll();
  Owner("insert into p select i, 3, 'v' from generate_series(100, 150) i");
  EXPECT_EQ(writer.Ask("delete from p3"), "ERROR 54000");
}

TEST_F(Guard, TruncateAndChangesOfTheKeyAreRefusedForPeople) {
  Owner("grant truncate on orders to app_writer");
  const Opened opened = OpenWithTen();
  Holder writer = Enter(opened);
  EXPECT_EQ(writer.Ask("truncate orders"), "ERROR 42501");
  EXPECT_EQ(writer.Ask("update orders set id = 5000 where id = 1"), "ERROR 55000");
  EXPECT_TRUE(writer.Run("update orders set id = 2, amount = -1 where id = 2"));
  EXPECT_EQ(Enter(OpenRunner()).Ask("truncate orders"), "ERROR 42501");  // no copy was kept
  EXPECT_TRUE(Enter(OpenRunner("c2")).Run("update orders set id = 5000 where id = 1"));
}

TEST_F(Guard, ATableWithoutPrimaryKeyNeedsAnApprovalByName) {
  Owner("create table loose(x int, y text); insert into loose select 1, 'y'");
  MakeWritable("loose");
  const Opened opened = OpenWithTen();
  Holder writer = Enter(opened);
  for (const char* sql :
       {"update loose set y = 'z'", "delete from loose", "insert into loose values (2, 'y')"}) {
    EXPECT_EQ(writer.Ask(sql), "ERROR 55000") << sql;
  }
  Sql(absl::StrCat("update jit.guard set allow_keyless = '{public.loose}' where login = '",
                   opened.login.text(), "'"));
  EXPECT_TRUE(writer.Run("update loose set y = 'z'"));
}

TEST_F(Guard, NothingTheWriterCanSetOrDoGetsRoundIt) {
  const Opened opened = OpenWithTen();
  Holder writer = Enter(opened);
  for (const char* sql :
       {"set session_replication_role = replica", "alter table orders disable trigger all",
        "drop trigger zz_jit_upd on orders", "update jit.guard set statement_rows_max = null",
        "delete from jit.guard", "select jit.guard_detach('orders'::regclass)",
        "select jit.set_guard(session_user, 'execution', null, null, null, null, 0, null, '{}')",
        "select jit.undo(false)", "select jit.begin_execution('c1')", "select * from jit.row_image",
        "select jit.guard_of_writer()", "grant jit_runner to current_user",
        "set session authorization postgres", "create schema pg_catalog2"}) {
    EXPECT_THAT(writer.Ask(sql), ::testing::StartsWith("ERROR")) << sql;
  }
  // Settings and shadows that it can make.
  for (const char* sql :
       {"create temp table guard(login name, statement_rows_max bigint)",
        "create function pg_temp.count(int) returns bigint language sql"
        " as 'select 0::bigint'",
        "set search_path = pg_temp, public", "select set_config('jit.left', '1000000', false)",
        "set row_security = off", "set enable_seqscan = off"}) {
    EXPECT_TRUE(writer.Run(sql)) << sql;
  }
  EXPECT_EQ(writer.Ask("update orders set amount = -1"), "ERROR 54000");
  // The counter of the brake, moved from inside the statement.
  EXPECT_EQ(writer.Ask("update orders set amount = -1 where"
                       " set_config('jit.left', '1000000', true) <> ''"),
            "ERROR 54000");
  EXPECT_EQ(OrdersTouched(), "0");
  // A forged note gives no step another number.
  EXPECT_TRUE(writer.Run(absl::StrCat("begin; select set_config('jit.note_",
                                      Sql("select 'orders'::regclass::oid"),
                                      "_u', '1:cascade:0', true);"
                                      "update orders set amount = -1 where id = 1; commit")));
  EXPECT_EQ(StepsOf(opened), "orders U 1 statement");
  EXPECT_EQ(Sql("select count(*) from jit.row_change where seq = 1"), "0");
}

TEST_F(Guard, AnExpiredLoginIsRefusedThoughItIsStillConnected) {
  const Opened opened = OpenWithTen();
  Holder writer = Enter(opened);
  EXPECT_TRUE(writer.Run("update orders set amount = -1 where id = 1"));
  Sql("update jit.guard set valid_until = now() - interval '1 second'");
  EXPECT_EQ(writer.Ask("update orders set amount = -1 where id = 2"), "ERROR 42501");
  Sql("update jit.guard set valid_until = now() + interval '1 hour'");
  Sql("update jit.issued set valid_until = now() - interval '1 second'");
  EXPECT_EQ(writer.Ask("update orders set amount = -1 where id = 2"), "ERROR 42501");
  Sql("delete from jit.issued");
  EXPECT_EQ(writer.Ask("update orders set amount = -1 where id = 2"), "ERROR 42501");
  EXPECT_EQ(OrdersTouched(), "1");
}

TEST_F(Guard, ALoginWithoutCeilingsOfItsOwnIsRecorded) {
  const Opened guarded = OpenWithTen();
  const Opened plain = Open();
  EXPECT_TRUE(Enter(plain).Run("update orders set amount = -1"));
  EXPECT_EQ(StepsOf(plain), "orders U 1000 statement");
}

TEST_F(Guard, TheApplicationIsNeitherCountedNorRecorded) {
  Sql("create role application login password 'x' in role app_writer");
  OpenWithTen();
  Holder application(cluster().ConninfoFor("application", "x", "shop"));
  EXPECT_TRUE(application.Run("update orders set amount = amount + 1"));
  EXPECT_TRUE(application.Run("update orders set id = id + 5000 where id = 1"));
  EXPECT_TRUE(application.Run("delete from orders where id > 500"));
  EXPECT_EQ(Sql("select count(*) from jit.row_change"), "0");
  EXPECT_EQ(Sql("select count(*) from jit.row_image"), "0");
}

TEST_F(Guard, AttachingWaitsForNobody) {
  const Opened opened = OpenWithTen();
  Owner("create table held(id int primary key)");
  MakeWritable("held");
  const std::string held = Sql("select 'held'::regclass::oid");
  const std::string attach = absl::StrCat("select jit.guard_attach(", held, ", false)");
  Holder application(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(application.Run("begin; insert into held values (1)"));
  const absl::Time before = absl::Now();
  EXPECT_EQ(Broker(attach), "busy");
  EXPECT_LT(absl::Now() - before, absl::Seconds(1));
  EXPECT_EQ(Sql(absl::StrCat("select count(*) from pg_trigger where tgrelid = ", held)), "0");
  ASSERT_TRUE(application.Run("commit"));
  EXPECT_EQ(Broker(attach), "attached");
  EXPECT_EQ(Broker(attach), "already");
  Sql("drop trigger zz_jit_del on held; alter table held disable trigger zz_jit_upd");
  EXPECT_EQ(Broker(attach), "attached");
  EXPECT_EQ(Broker(attach), "already");
  Sql("create table of_postgres(id int primary key)");
  EXPECT_EQ(Broker("select jit.guard_attach('of_postgres'::regclass, false)"), "not_ours");
  EXPECT_EQ(Broker("select jit.guard_attach(1, false)"), "absent");
  EXPECT_EQ(Broker("select jit.guard_attach('pg_class'::regclass, false)"), "absent");
}

TEST_F(Guard, TheGuardStaysAsLongAsItIsNeededAndLeavesNoTrace) {
  const std::string triggers = "select count(*) from pg_trigger where tgname ~ '_jit_'";
  const std::string leftovers =
      "select coalesce(string_agg(name, ','), '') from"
      " jit.guard_leftovers()";
  const std::string detach = "select jit.guard_detach('orders'::regclass)";
  const std::string before =
      Sql("select md5(string_agg(f::text, ' ')) from"
          " jit.schema_fingerprint() f");
  const Opened first = OpenWithTen();
  const Opened second = OpenWithTen();
  EXPECT_EQ(Sql(triggers), "6");
  EXPECT_EQ(Sql("select md5(string_agg(f::text, ' ')) from jit.schema_fingerprint() f"), before);
  EXPECT_EQ(Broker(leftovers), "");
  EXPECT_EQ(Broker(detach), "needed");
  Close(first);
  EXPECT_EQ(Broker(detach), "needed");
  TurnOff(second);
  EXPECT_EQ(Broker(leftovers), "public.orders");
  Holder application(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(application.Run("begin; update orders set amount = 1 where id = 1"));
  EXPECT_EQ(Broker(detach), "busy");
  ASSERT_TRUE(application.Run("rollback"));
  EXPECT_EQ(Broker(detach), "detached");
  EXPECT_EQ(Sql(triggers), "0");
  EXPECT_EQ(Broker(leftovers), "");
  Remove(second);
  EXPECT_EQ(Sql("select count(*) from jit.guard"), "0");
  EXPECT_EQ(Sql("select count(*) from jit.guard_need"), "0");
  EXPECT_EQ(Broker("select jit.guard_attach('orders'::regclass, true)"), "attached");
  EXPECT_EQ(Broker(detach), "needed");
}

TEST_F(Guard, TheSweepGuardsWhatComesToAnOpenLeaseAndForgetsWhatIsGone) {
  Owner(
      "create table p(id int, k int, primary key (id, k)) partition by list (k);"
      "create table p1 partition of p for values in (1)");
  MakeWritable("p, p1");
  const Opened opened = OpenWithTen();
  Holder writer = Enter(opened);
  Owner(
      "create table p2 partition of p for values in (2);"
      "insert into p2 select i, 2 from generate_series(1, 100) i;"
      "create table late(id int primary key); insert into late select generate_series(1, 100);"
      "alter table orders disable trigger zz_jit_del");
  MakeWritable("p2, late");
  ASSERT_THAT(target().Tidy(), IsOk());
  for (const char* table : {"p2", "late", "orders"}) {
    EXPECT_EQ(writer.Ask(absl::StrCat("delete from ", table)), "ERROR 54000") << table;
  }
  EXPECT_EQ(Broker("select count(*) from jit.guard_missing()"), "0");
  // What nobody can guard is said; the rest is not held up.
  Sql("create table foreign_to_us(id int primary key); grant delete on foreign_to_us to "
      "app_writer");
  const absl::Status told = target().Tidy();
  EXPECT_EQ(told.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(told.message()), HasSubstr("public.foreign_to_us"));
  // A guard whose login never came to be is forgotten in time.
  Broker(
      "select jit.set_guard('jit_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'interactive', null, null, null, 0,"
      " 4102444800000000, null, '{}')");
  Sql("update jit.guard set made_time = made_time - interval '1 hour' where login like "
      "'jit_aaaaa%'");
  (void)target().Tidy();
  EXPECT_EQ(Sql("select count(*) from jit.guard where login like 'jit_aaaaa%'"), "0");
  Close(opened);
  ASSERT_THAT(target().Tidy(), IsOk());
  EXPECT_EQ(Sql("select count(*) from pg_trigger where tgname ~ '_jit_'"), "0");
}

TEST_F(Guard, ARunnerIsNoDriftAndIsClosedLikeAnyOther) {
  const Opened runner = OpenRunner();
  auto state = target().Inspect();
  ASSERT_THAT(state, IsOk());
  EXPECT_EQ(state->logins.at(0).member_of, std::vector<std::string>{"app_writer"});
  EXPECT_THAT(target().OpenLogin(runner.order, *credential::ScramVerifier::Parse(runner.verifier)),
              IsOk());
  Close(runner);
}

TEST_F(Guard, AnExecutionIsSingleUseAndShowsWhatItDid) {
  const Opened runner = OpenRunner("change 7");
  Holder holder = Enter(runner);
  const std::string state = "select committed from jit.execution_state('change 7')";
  EXPECT_EQ(holder.Ask("select jit.begin_execution('another')"), "ERROR JT003");
  ASSERT_TRUE(holder.Run("begin; select jit.begin_execution('change 7')"));
  EXPECT_EQ(Broker(state), "f");
  ASSERT_TRUE(holder.Run("update orders set amount = -1 where id <= 3"));
  EXPECT_EQ(holder.Ask("select concat_ws(' ', nsp, tbl, op, n, cause) from jit.my_row_changes()"),
            "public orders U 3 statement");
  EXPECT_EQ(holder.Ask("select concat(before, after) from"
                       " jit.my_samples(1, '{public.orders.customer}')"),
            "{\"id\": 1, \"amount\": 1, \"customer\": \"(masked)\"}"
            "{\"id\": 1, \"amount\": -1, \"customer\": \"(masked)\"}");
  ASSERT_TRUE(holder.Run("commit"));
  EXPECT_EQ(Broker(state), "t");
  EXPECT_EQ(holder.Ask("select jit.begin_execution('change 7')"), "ERROR JT009");
  EXPECT_EQ(holder.Ask("select count(*) from jit.my_row_changes()"), "0");
  EXPECT_EQ(Enter(OpenWithTen()).Ask("select jit.my_row_changes()"), "ERROR 42501");
  EXPECT_EQ(Broker("select jit.make_restore_point('change_7')"), "f");
  Sql("grant execute on function pg_create_restore_point(text) to jit_owner");
  EXPECT_EQ(Broker("select jit.make_restore_point('change_7')"), "t");
}

TEST_F(Guard, TheBrokerReadsWhatWasDoneUntilItsTimeIsPast) {
  Owner(
      "create table typed(id int primary key, b boolean, j json, t text, m numeric, a int[]);"
      "insert into typed values (1, true, '{\"k\":1}', e'a\"b\\\\c,(d)', 1.50, '{1,null}'),"
      " (2, null, null, '', 'NaN', null)");
  MakeWritable("typed");
  const Opened opened = OpenRunner();
  EXPECT_TRUE(Enter(opened).Run("delete from typed"));
  const std::string login = absl::StrCat("'", opened.login.text(), "'");
  EXPECT_EQ(Broker(absl::StrCat("select concat_ws(' ', nsp, tbl, op, n, query) from"
                                " jit.list_changes(",
                                login, ", 0, 10)")),
            "public typed D 2 delete from typed");
  const std::string images =
      absl::StrCat("select string_agg(concat(key, before, after), ' ') from jit.list_images(",
                   login, ", (select min(seq) from jit.list_changes(", login, ", 0, 10)), 0, 10)");
  EXPECT_EQ(Broker(images),
            "id=1{\"a\": \"{1,NULL}\", \"b\": true, \"j\": {\"k\": 1}, \"m\": 1.50,"
            " \"t\": \"a\\\"b\\\\c,(d)\", \"id\": 1} "
            "id=2{\"a\": null, \"b\": null, \"j\": null, \"m\": \"NaN\", \"t\": \"\", \"id\": 2}");
  EXPECT_EQ(Broker("select jit.forget_images(1000, 10)"), "0");
  EXPECT_EQ(Broker("select jit.forget_images((extract(epoch from now()) * 1000000)::bigint, 10)"),
            "1");
  EXPECT_EQ(Sql("select count(*) from jit.row_image"), "0");
}

TEST_F(Guard, WhatCannotBeGuardedIsToldWithTheReason) {
  Sql("create table public.of_postgres(id int primary key);"
      "grant insert on public.of_postgres to app_writer;"
      "create role other_owner; create table public.of_other(id int);"
      "alter table public.of_other owner to other_owner;"
      "grant update on public.of_other to app_writer");
  const std::string ask =
      "select string_agg(concat_ws(' ', name, why), '; ') from"
      " jit.guard_tables('{app_writer}') where not guardable";
  EXPECT_EQ(Broker(ask),
            "public.of_other jit_owner is no member of its owner other_owner; "
            "public.of_postgres it belongs to the superuser postgres");
  EXPECT_EQ(Broker("select string_agg(mend, '; ') from jit.unguardable()"),
            "grant other_owner to jit_owner; "
            "alter table public.of_postgres owner to a_role_that_is_no_superuser");
  Sql("grant other_owner to jit_owner");
  EXPECT_THAT(Broker(ask), Not(HasSubstr("of_other")));
}

TEST_F(Guard, OwnersWithPowersAreNotJoined) {
  Sql("create role mighty_owner; grant pg_read_all_data to mighty_owner");
  for (const char* owner : {"postgres", "mighty_owner", "nobody_there"}) {
    target_postgres::KitOptions options;
    options.owners = {*core::PgGroup::Parse(owner)};
    EXPECT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), options),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << owner;
  }
}

// What the owner of a guarded table granted is cleared without leaving that owner.
TEST_F(Guard, ClosingALoginThatTheOwnerGrantedSomethingKeepsTheMembership) {
  const Opened opened = OpenWithTen();
  Owner(absl::StrCat("grant select on orders to ", opened.login.text()));
  Close(opened);
  EXPECT_EQ(Sql("select pg_has_role('jit_owner', 'app_owner', 'member')"), "t");
}

// An upgrade while leases are open: the guard stays on and works.
TEST_F(Guard, TheKitIsUpgradedUnderAnAttachedGuard) {
  const Opened opened = OpenWithTen();
  const Opened done = OpenRunner();
  EXPECT_TRUE(Enter(done).Run("update orders set amount = -1 where id = 1"));
  EXPECT_THAT(Undo(done), HasSubstr("undone 1"));
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), {}), IsOk());
  EXPECT_EQ(Enter(opened).Ask("delete from orders"), "ERROR 54000");
  EXPECT_TRUE(Enter(opened).Run("delete from orders where id = 1"));
  EXPECT_EQ(Broker("select jit.guard_attach('orders'::regclass, false)"), "already");
}

// The owner of a table is not trusted with the powers of jit_owner.
TEST_F(Guard, NoCodeOfATablesOwnerRunsAsTheOwnerOfTheKit) {
  Owner(
      "create table witness(who text); create table trap(id int primary key, v text);"
      "create function tell(anyelement) returns text language plpgsql as $$ begin"
      " insert into public.witness values (current_user); return 'x'; end $$;"
      "create function tell_check(text) returns boolean language plpgsql as $$ begin"
      " insert into public.witness values (current_user); return true; end $$;"
      "create function as_text(trap) returns text language plpgsql as $$ begin"
      " insert into public.witness values (current_user); return '(1,x)'; end $$;"
      "create cast (trap as text) with function as_text(trap) as implicit;"
      "create domain checked as text check (public.tell_check(value));"
      "alter table trap add w checked; alter table trap add check (public.tell_check(v));"
      "insert into trap values (1, 'v', 'w'); grant insert on witness to public;"
      "delete from witness");
  MakeWritable("trap");
  const Opened runner = OpenRunner();
  EXPECT_TRUE(Enter(runner).Run("update trap set v = 'changed'"));
  EXPECT_TRUE(Enter(runner).Run("delete from trap"));
  EXPECT_THAT(Undo(runner), HasSubstr("undone"));
  EXPECT_EQ(Sql("select * from trap"), "1|v|w");
  EXPECT_EQ(Sql("select count(*) from witness where who = 'jit_owner'"), "0");
}

}  // namespace
}  // namespace jit::testing
