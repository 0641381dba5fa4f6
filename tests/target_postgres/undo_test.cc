// Undo: what a login changed comes back to the letter, or not at all and with the reason.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/target_postgres/guarded_stage.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;

class UndoOfChanges : public GuardedStage {
 protected:
  // Runs a change and takes it back; what all tables hold is then as before.
  void ExpectExactUndo(const std::string& sql) {
    const std::string before = Checksum();
    const Opened runner = OpenRunner();
    ASSERT_TRUE(Enter(runner).Run(sql)) << sql;
    ASSERT_NE(Checksum(), before) << sql;
    EXPECT_THAT(Undo(runner), HasSubstr("undone")) << sql;
    EXPECT_EQ(Checksum(), before) << sql;
  }

  std::string Conflicts(const Opened& undoer) {
    return Enter(undoer).Ask(
        "select string_agg(concat_ws(' ', tbl, key, what), '; ' order by key) from"
        " jit.undo(false) where kind = 'conflict'");
  }
};

TEST_F(UndoOfChanges, ComesBackToTheLetterForEveryKindOfColumn) {
  Sql("create extension if not exists hstore");
  Owner(
      "set timezone = 'Asia/Kolkata';"
      "create type mood as enum ('sad', 'glad'); create type pair as (x int, y text);"
      "create domain short as text check (length(value) < 30);"
      "create table typed(id bigint generated always as identity primary key, i2 smallint,"
      " n numeric(30,10), f4 real, f8 double precision, b boolean, t text, v varchar(20),"
      " c char(5), d date, ts timestamp, tz timestamptz, iv interval, u uuid, by bytea, j json,"
      " jb jsonb, x xml, mo money, a int[], ta text[], e mood, p pair, s short, r int4range,"
      " ip inet, bi bit(4), h hstore, vec tsvector, pt point,"
      " twice double precision generated always as (f8 * 2) stored);"
      "insert into typed(i2, n, f4, f8, b, t, v, c, d, ts, tz, iv, u, by, j, jb, x, mo, a, ta, e,"
      " p, s, r, ip, bi, h, vec, pt) values"
      " (1, 12345678901234567890.0123456789, 0.1, 1e-310, true, e'q\"uo''te\\\\ \\n,()', 'v',"
      "  'c', '4713-01-01 BC', 'infinity', '2024-02-29 23:59:59.999999+05:30',"
      "  '1 year -2 mons 3 days -04:05:06.7', '00000000-0000-0000-0000-0000000000ff', '\\x00ff5c',"
      "  '{\"b\":1, \"a\" : [1,2] , \"b\":2}', '{\"b\":1.50}', '<a>&lt;b</a>', '$1,234.50',"
      "  '{1,null,3}', e'{\"a,b\",\"c\\\\\"d\",null,\"\"}', 'glad', '(7,\"a,\"\"b\")', 'short',"
      "  '[1,5)', '::1/64', '1010', 'k=>\"v\\\"w\",n=>NULL', 'a fat:2 cat', '(0.1,0.2)'),"
      " (null, 'NaN', 'NaN', '-Infinity', null, '', null, null, 'infinity', null, null, null,"
      "  null, '', 'null', 'null', null, null, '{}', '{}', null, '(,)', null, 'empty', null,"
      "  null, '', '', null)");
  MakeWritable("typed");
  ExpectExactUndo(
      "set datestyle = 'German, DMY'; set timezone = 'America/New_York'; set extra_float_digits ="
      " -5; set bytea_output = escape; set intervalstyle = iso_8601; set search_path = public;"
      "update typed set f4 = 7, j = '{}', t = 'x', h = 'z=>1', iv = '1 day', by = 'y';"
      "delete from typed; insert into typed(t) values ('new')");
}

TEST_F(UndoOfChanges, PutsBackCascadesOverThreeLevelsInTheOrderThatForeignKeysWant) {
  Owner(
      "create table a(id int primary key, v text);"
      "create table b(id int primary key, a int references a on delete cascade on update cascade);"
      "create table c(id int primary key, b int references b on delete cascade);"
      "create table n(id int primary key, b int references b on delete set null);"
      "create table strict(id int primary key, a int references a);"
      "insert into a select i, 'a' from generate_series(1, 10) i;"
      "insert into b select i, (i + 1) / 2 from generate_series(1, 20) i;"
      "insert into c select i, (i + 1) / 2 from generate_series(1, 40) i;"
      "insert into n select i, i from generate_series(1, 20) i;"
      "insert into strict select i, 10 from generate_series(1, 3) i");
  MakeWritable("a, b, c, n, strict");
  ExpectExactUndo("delete from a where id <= 3");
  ExpectExactUndo("update a set id = id + 100 where id <= 3; delete from b where id = 1");
  ExpectExactUndo(
      "delete from strict; delete from a; insert into a values (1, 'new');"
      "insert into b values (1, 1); update b set id = 2; delete from a");
  ExpectExactUndo(
      "with x as (insert into a values (50, 'x') returning id) insert into b select 50, 50;"
      "update c set b = 20 where id = 1; delete from c where id = 1");
}

TEST_F(UndoOfChanges, TakesWhatItsOwnCascadesDoForNobodysChange) {
  Owner(
      "create table a(id int primary key);"
      "create table badge(a int primary key references a on update cascade on delete cascade);"
      "create table stamped(id int primary key, a int references a on update cascade,"
      " changed timestamptz default now());"
      "create table keyless(a int references a on update cascade, n int, changed timestamptz);"
      "create function stamp() returns trigger language plpgsql as"
      " $$ begin new.changed := clock_timestamp(); return new; end $$;"
      "create trigger stamping before update on stamped for each row execute function stamp();"
      "create trigger stamping before update on keyless for each row execute function stamp();"
      "insert into a select i from generate_series(1, 10) i;"
      "insert into badge select i from generate_series(1, 10) i;"
      "insert into stamped select i, 1 + i % 10 from generate_series(1, 30) i;"
      "insert into keyless select 1 + i % 10, i / 20 from generate_series(1, 40) i");
  MakeWritable("a, badge, stamped, keyless");
  ExpectExactUndo("update a set id = id + 100 where id <= 3");
  ExpectExactUndo("update a set id = id + 100; update stamped set a = 101 where id < 5");
  ExpectExactUndo(
      "update a set id = 200 - id where id <> 10; delete from badge where a > 195;"
      "update keyless set n = n + 1; update a set id = id - 100 where id > 105");
  // Every new key but one is the old one of another row.
  Owner(
      "create table e(id int primary key);"
      "create table f(e int primary key references e on update cascade);"
      "insert into e select 11 - i from generate_series(1, 10) i;"
      "insert into f select i from generate_series(1, 10) i");
  MakeWritable("e, f");
  ExpectExactUndo("update e set id = id + 1");
}

TEST_F(UndoOfChanges, LeavesTriggerEffectsNeitherOutNorTwice) {
  Owner(
      "create table kept(id int primary key, v int, changed timestamptz default now());"
      "create table heard(id int generated always as identity primary key, what text);"
      "create function hear() returns trigger language plpgsql security definer as $$ begin"
      " insert into public.heard(what) values (tg_op);"
      " if tg_op = 'UPDATE' and new.v < 100 then"
      "  update public.kept set v = 100 + v where id = new.id; end if; return null; end $$;"
      "create function stamp() returns trigger language plpgsql as"
      " $$ begin new.changed := clock_timestamp(); return new; end $$;"
      "create trigger stamping before update on kept for each row execute function stamp();"
      "create trigger hearing after insert or update or delete on kept for each row"
      " execute function hear();"
      "alter table kept enable always trigger hearing;"
      "create rule shadow as on update to heard do also nothing;"
      "insert into kept select i, i from generate_series(1, 5) i; delete from heard");
  MakeWritable("kept");
  const std::string states =
      "select string_agg(concat(tgname, tgenabled), ' ' order by tgname) from pg_trigger"
      " where tgrelid = 'kept'::regclass and tgname !~ 'jit'";
  const std::string before = Sql(states);
  ExpectExactUndo("update kept set v = v + 1 where id < 3; delete from kept where id = 1");
  EXPECT_EQ(Sql(states), before);
}

TEST_F(UndoOfChanges, PutsRowsBackBetweenPartitions) {
  Owner(
      "create table p(id int, k int, v text, primary key (id, k)) partition by list (k);"
      "create table p1 partition of p for values in (1);"
      "create table p2 partition of p for values in (2);"
      "insert into p select i, 1 + i % 2, 'v' from generate_series(1, 20) i");
  MakeWritable("p, p1, p2");
  ExpectExactUndo("update p set k = 3 - k, v = 'moved' where id <= 7");
  ExpectExactUndo("delete from p2; update p1 set v = 'x'; insert into p values (100, 2, 'new')");
  // A row of its own way between two partitions: order of one statement, swapped.
  ExpectExactUndo("update p set id = 1001 - id");
}

TEST_F(UndoOfChanges, UntanglesUniqueValuesThatStandInEachOthersWay) {
  Owner(
      "create table line(id int primary key, pos int unique, up int references line);"
      "insert into line select i, i, nullif(i - 1, 0) from generate_series(1, 30) i;"
      "create table ring(id int primary key, pos int not null);"
      "create unique index on ring(pos);"
      "insert into ring select i, i from generate_series(1, 4) i");
  MakeWritable("line, ring");
  ExpectExactUndo(
      "delete from ring where id in (1, 2); insert into ring values (1, 2), (2, 1);"
      "update line set pos = pos + 100; update line set pos = 331 - pos");
  ExpectExactUndo("update line set pos = pos - 1");
  ExpectExactUndo("delete from line");  // refers to itself
  // Keys that change places in one statement.
  Owner(
      "create table swap(id int primary key deferrable initially deferred, v text);"
      "insert into swap values (1, 'one'), (2, 'two'), (3, 'three')");
  MakeWritable("swap");
  ExpectExactUndo("update swap set id = 4 - id");
}

TEST_F(UndoOfChanges, FindsRowsWithoutAKeyByWhatIsInThem) {
  Owner(
      "create table loose(x int, y text); insert into loose select i % 3, 'y' from"
      " generate_series(1, 12) i");
  MakeWritable("loose");
  ExpectExactUndo(
      "update loose set y = 'z' where x = 1; delete from loose where x = 2;"
      "insert into loose values (1, 'z'), (1, 'z'); update loose set x = x + 1");
}

TEST_F(UndoOfChanges, NamesEveryRowThatWasChangedSinceAndChangesNothing) {
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run(
      "update orders set amount = -1 where id <= 5; delete from orders where id in (6, 7);"
      "insert into orders values (2000, 'new', 1), (2001, 'new', 1)"));
  Sql("update orders set amount = 77 where id = 1; delete from orders where id = 2;"
      "insert into orders values (6, 'there again', 1);"
      "update orders set amount = 2 where id = 2000; delete from orders where id = 2001");
  const std::string before = Checksum();
  EXPECT_EQ(Conflicts(OpenUndo(runner)),
            "orders id=1 changed since; orders id=2 deleted since; orders id=2000 changed since;"
            " orders id=6 there again");
  EXPECT_EQ(Undo(runner), "nothing was changed 0");
  EXPECT_EQ(Checksum(), before);

  EXPECT_THAT(Undo(runner, "skip"), HasSubstr("undone 4"));
  EXPECT_EQ(Sql("select string_agg(concat(id, ':', amount), ' ' order by id) from orders"
                " where id <= 7 or id >= 2000"),
            "1:77 3:3 4:4 5:5 6:1 7:7 2000:2");
}

TEST_F(UndoOfChanges, OverwritesWhatWasChangedSinceWhenAskedTo) {
  const std::string before = Checksum();
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run(
      "update orders set amount = -1 where id <= 5; delete from orders where id in (6, 7);"
      "insert into orders values (2000, 'new', 1); update orders set amount = -2 where id = 1"));
  Sql("update orders set amount = 77 where id = 1; delete from orders where id = 2;"
      "insert into orders values (6, 'there again', 1);"
      "update orders set amount = 2 where id = 2000");
  EXPECT_THAT(Undo(runner, "overwrite"), HasSubstr("undone"));
  EXPECT_EQ(Checksum(), before);
}

TEST_F(UndoOfChanges, DoesNotTakeRowsOfOthersAlong) {
  Owner("create table item(id int primary key, o int references orders on delete cascade)");
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run("insert into orders values (2000, 'new', 1), (2001, 'new', 1)"));
  Sql("insert into item values (1, 2000)");
  EXPECT_EQ(Conflicts(OpenUndo(runner)),
            "orders id=2000 rows made since refer to it and would go with it");
  EXPECT_EQ(Sql("select count(*) from item"), "1");
  EXPECT_EQ(Sql("select count(*) from orders"), "1002");
}

// What stands in a row may be what it was between two statements: somebody put it there since.
TEST_F(UndoOfChanges, TellsOfARowThatIsAgainAsItWasInBetween) {
  const std::string between = "update orders set amount = 102 where id = 1";
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run(absl::StrCat(
      between,
      "; update orders set amount = 103 where id = 1; update orders set amount = 1 where id = 1;"
      "update orders set amount = 104 where id = 2; insert into orders values (2000, 'new', 1);"
      "delete from orders where id = 2000")));
  const std::string changed = Checksum();
  Sql(absl::StrCat(between, "; insert into orders values (2000, 'new', 1)"));
  const std::string before = Checksum();
  EXPECT_EQ(Conflicts(OpenUndo(runner)), "orders id=1 changed since; orders id=2000 there again");
  EXPECT_EQ(Undo(runner), "nothing was changed 0");
  EXPECT_EQ(Checksum(), before);
  const Opened skipping = OpenUndo(runner, "skip");
  EXPECT_EQ(Enter(skipping).Ask("select concat(what, ' ', n) from jit.undo(false)"
                                " where kind = 'total'"),
            "undone 1");
  const std::string left =
      "select string_agg(concat(id, ':', amount), ' ' order by id) from orders"
      " where id <= 2 or id >= 2000";
  EXPECT_EQ(Sql(left), "1:102 2:2 2000:1");
  EXPECT_THAT(Undo(skipping), HasSubstr("undone"));
  EXPECT_THAT(Undo(runner, "overwrite"), HasSubstr("undone"));
  EXPECT_EQ(Sql(left), "1:1 2:2");
}

// A deferred foreign key lets rows refer to nothing for a while, and then to another row. Going
// back, it would take them for those of the other.
TEST_F(UndoOfChanges, NeverCarriesRowsToAKeyThatTheyNeverReferredTo) {
  Owner(
      "create table p(id int primary key, v text);"
      "create table c(id int primary key, p int references p on update cascade"
      " deferrable initially deferred);"
      "create table n(id int primary key, p int references p on update set null"
      " deferrable initially deferred);"
      "insert into p values (1, 'one'), (2, 'two'), (3, 'three');"
      "insert into c values (10, 1), (20, 2), (30, 3); insert into n values (10, 1), (20, 3)");
  MakeWritable("p, c, n");
  const std::string original = Checksum();
  const Opened runner = OpenRunner();
  const std::string change = "delete from p where id = 1; update p set id = 1 where id = 2;";
  ASSERT_TRUE(Enter(runner).Run(change));
  const std::string changed = Checksum();
  const std::string conflicts = Conflicts(OpenUndo(runner));
  EXPECT_THAT(conflicts, HasSubstr("c id=10 refers by c_p_fkey to id=1 of public.p, which went"
                                   " and came again"));
  EXPECT_THAT(conflicts, HasSubstr("n id=10 refers by n_p_fkey to id=1 of public.p"));
  EXPECT_THAT(conflicts, ::testing::Not(HasSubstr("id=20")));
  EXPECT_EQ(Undo(runner), "nothing was changed 0");
  EXPECT_EQ(Undo(runner, "skip"), "ERROR JT014");
  EXPECT_EQ(Undo(runner, "overwrite"), "ERROR JT014");
  EXPECT_EQ(Checksum(), changed);
  // What the conflict says to do.
  Sql("update c set p = 3 where id = 10; update n set p = 3 where id = 10");
  EXPECT_THAT(Undo(runner), HasSubstr("undone"));
  Sql("update c set p = 1 where id = 10; update n set p = 1 where id = 10");
  EXPECT_EQ(Checksum(), original);

  // The row itself was changed as well.
  const Opened other = OpenRunner("c2");
  ASSERT_TRUE(Enter(other).Run(absl::StrCat(change, "update c set id = id + 1 where id = 10")));
  EXPECT_THAT(Conflicts(OpenUndo(other)), HasSubstr("c id=10 refers by c_p_fkey to id=1"));
  EXPECT_EQ(Undo(other, "skip"), "ERROR JT014");
  EXPECT_EQ(Enter(OpenUndo(other, "refuse", "{public.p}"))
                .Ask("select what from jit.undo(false) where kind = 'total'"),
            "nothing was changed");
}

TEST_F(UndoOfChanges, NeverCarriesOnARowThatItHasPutBack) {
  Owner(
      "create table p(id int primary key);"
      "create table c(id int primary key, p int references p on update cascade"
      " deferrable initially deferred);"
      "insert into p values (1), (2); insert into c values (10, 1), (20, 2)");
  MakeWritable("p, c");
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run(
      "delete from p where id = 1; update p set id = 1 where id = 2; update p set id = 5"));
  ASSERT_EQ(Sql("select string_agg(concat(id, ':', p), ' ' order by id) from c"), "10:5 20:5");
  const std::string changed = Checksum();
  EXPECT_EQ(Undo(runner), "nothing was changed 0");
  EXPECT_EQ(Undo(runner, "skip"), "ERROR JT014");
  EXPECT_EQ(Checksum(), changed);
}

TEST_F(UndoOfChanges, NeverDeletesRowsThatReferredToAKeyBeforeItWentAndCameAgain) {
  for (const char* action : {"cascade", "set null"}) {
    Owner(absl::StrCat(
        "drop table if exists c, p; create table p(id int primary key, v text);"
        "create table c(id int primary key, p int references p on delete ",
        action,
        " deferrable initially deferred);"
        "insert into p values (1, 'one'), (3, 'three'); insert into c values (10, 1), (30, 3)"));
    MakeWritable("p, c");
    const std::string original = Checksum();
    const Opened runner = OpenRunner();
    ASSERT_TRUE(
        Enter(runner).Run("update p set id = 9 where id = 1; insert into p values (1, 'new')"));
    const std::string changed = Checksum();
    EXPECT_THAT(Conflicts(OpenUndo(runner)), HasSubstr("p id=1 ")) << action;
    EXPECT_EQ(Undo(runner), "nothing was changed 0") << action;
    EXPECT_EQ(Undo(runner, "overwrite"), "ERROR JT014") << action;
    EXPECT_EQ(Checksum(), changed) << action;
    Sql("update c set p = 3 where id = 10");
    EXPECT_THAT(Undo(runner), HasSubstr("undone")) << action;
    Sql("update c set p = 1 where id = 10");
    EXPECT_EQ(Checksum(), original) << action;
  }
}

// Rows made since refer to the row that has the key now, whatever else went in the change.
TEST_F(UndoOfChanges, TakesRowsMadeSinceAlongWithTheKeyThatTheyReferTo) {
  Owner(
      "create table p(id int primary key);"
      "create table c(id int primary key, p int references p on update cascade"
      " deferrable initially deferred);"
      "insert into p values (1), (2), (3); insert into c values (20, 2), (30, 3)");
  MakeWritable("p, c");
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run("delete from p where id = 1; update p set id = 5 where id = 2"));
  Sql("insert into c values (99, 5)");
  EXPECT_THAT(Undo(runner), HasSubstr("undone"));
  EXPECT_EQ(Sql("select string_agg(concat(id, ':', p), ' ' order by id) from c"), "20:2 30:3 99:2");
}

TEST_F(UndoOfChanges, IsDoneOnceAndCanItselfBeUndone) {
  const std::string before = Checksum();
  const Opened runner = OpenRunner();
  ASSERT_TRUE(
      Enter(runner).Run("update orders set amount = -1 where id < 4; delete from orders"
                        " where id = 2"));
  const std::string changed = Checksum();
  const Opened undoer = OpenUndo(runner);
  Holder hand = Enter(undoer);
  EXPECT_EQ(hand.Ask("select what || n from jit.undo(true) where kind = 'total'"),
            "would be undone4");
  EXPECT_EQ(Checksum(), changed);
  EXPECT_EQ(hand.Ask("select what || n from jit.undo(false) where kind = 'total'"), "undone4");
  EXPECT_EQ(Checksum(), before);
  EXPECT_EQ(hand.Ask("select jit.undo(false)"), "ERROR JT013");
  EXPECT_EQ(Undo(runner), "ERROR JT013");
  EXPECT_THAT(Undo(undoer), HasSubstr("undone"));
  EXPECT_EQ(Checksum(), changed);
  EXPECT_THAT(Undo(runner), HasSubstr("undone"));
  EXPECT_EQ(Checksum(), before);
}

TEST_F(UndoOfChanges, KeepsToTheTablesThatWerePermitted) {
  Owner("create table other(id int primary key); insert into other values (1)");
  MakeWritable("other");
  const Opened runner = OpenRunner();
  ASSERT_TRUE(Enter(runner).Run("delete from other; update orders set amount = -1 where id = 1"));
  EXPECT_EQ(Enter(OpenUndo(runner, "refuse", "{public.other}"))
                .Ask("select what || n from jit.undo(false) where kind = 'total'"),
            "undone1");
  EXPECT_EQ(Sql("select count(*) from other"), "1");
  EXPECT_EQ(Sql("select amount from orders where id = 1"), "-1");
}

TEST_F(UndoOfChanges, IsRefusedWithTheReasonWhenItCannotBeExact) {
  const Opened nobody = OpenRunner("c9");
  EXPECT_EQ(Enter(nobody).Ask("select jit.undo(false)"), "ERROR JT003");
  const Opened altered = OpenRunner();
  ASSERT_TRUE(Enter(altered).Run("update orders set amount = -1 where id = 1"));
  Owner("alter table orders add note text");
  EXPECT_EQ(Undo(altered), "ERROR JT012");
  const Opened old = OpenRunner();
  ASSERT_TRUE(Enter(old).Run("update orders set amount = -1 where id = 2"));
  Broker("select jit.forget_images((extract(epoch from now()) * 1000000)::bigint, 10)");
  EXPECT_EQ(Undo(old), "ERROR JT011");
}

TEST_F(UndoOfChanges, TakesBackManyRowsQuickly) {
  Owner(
      "create table many(id int primary key, v text, w int);"
      "insert into many select i, 'value ' || i, i from generate_series(1, 20000) i");
  MakeWritable("many");
  ExpectExactUndo(
      "update many set v = v || '!'; delete from many where id % 2 = 0;"
      "insert into many select i, 'new', 1 from generate_series(30000, 40000) i");
}

// How often a step is tried must not grow with how many wait.
TEST_F(UndoOfChanges, TriesAStepAFewTimesHoweverManyConflictsThereAre) {
  Owner(
      "create table many(id int primary key, v int);"
      "insert into many select i, 0 from generate_series(1, 90) i");
  MakeWritable("many");
  const Opened runner = OpenRunner();
  {
    Holder session = Enter(runner);
    ASSERT_TRUE(session.Run("begin"));
    for (int id = 1; id <= 90; ++id) {
      ASSERT_TRUE(session.Run(absl::StrCat("update many set v = 1 where id = ", id)));
    }
    ASSERT_TRUE(session.Run("commit"));
  }
  Owner("update many set v = 2 where id % 2 = 0");
  const Opened undoer = OpenUndo(runner, "skip");
  Sql(absl::StrCat("alter role ", undoer.login.text(), " set track_functions = 'all'"));
  Holder session = Enter(undoer);
  ASSERT_TRUE(session.Run("begin"));
  EXPECT_EQ(session.Ask("select string_agg(concat(kind, n), ' ' order by kind, n) from"
                        " (select kind, sum(n) as n from jit.undo(false) group by kind) k"),
            "conflict45 step45 total45");
  // Each once, and those in conflict again when the others are done, and at last.
  EXPECT_EQ(session.Ask("select calls from pg_stat_xact_user_functions"
                        " where schemaname = 'jit' and funcname = 'undo_rows'"),
            "180");
}

}  // namespace
}  // namespace jit::testing
