// Whatever was done to whatever tables: a change that is taken back leaves every row as before.
// JIT_SEEDS sets how many schemas (default 90, six changes each), JIT_SEED replays one.
#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/properties/random_tables.h"
#include "tests/target_postgres/guarded_stage.h"
#include "tests/testing/thoroughness.h"

namespace jit::testing {
namespace {

constexpr int kChangesOfASchema = 6;
constexpr std::uint64_t kShares = 2;  // so that both cores work

// Every row of every table of a schema, part by part.
constexpr absl::string_view kWatching = R"(
create function public.rows_of(p_schema text) returns text language plpgsql set jit = off as $$
declare
  r record;
  v_line text;
  v_all text := '';
begin
  for r in select c.oid::regclass as name from pg_class c
           where c.relnamespace = p_schema::regnamespace and c.relkind = 'r' order by c.relname loop
    execute format('select concat(count(*), '' '', md5(string_agg(t::text, e''\n'' order by'
                   ' t::text))) from %s t', r.name) into v_line;
    v_all := v_all || r.name || ' ' || v_line || e'\n';
  end loop;
  return v_all;
end $$)";

// The lines that are not the same.
std::string Differences(const std::string& before, const std::string& after) {
  const std::vector<std::string> was = absl::StrSplit(before, '\n');
  const std::vector<std::string> is = absl::StrSplit(after, '\n');
  std::string differences;
  for (std::size_t i = 0; i < was.size() && i < is.size(); ++i) {
    if (was[i] != is[i]) absl::StrAppend(&differences, "  ", was[i], " became ", is[i], "\n");
  }
  return differences;
}

class UndoOfAnything : public GuardedStage, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  void SetUp() override {
    GuardedStage::SetUp();
    if (HasFatalFailure()) return;
    Sql("grant create on database shop to app_owner");
    Sql(kWatching);
    runner_ = OpenRunner("change");
    undoer_ = OpenRunner("undo");
    // A change that may truncate runs as a member of who owns the tables.
    Sql(absl::StrCat("grant app_owner to ", runner_->login.text()));
    broker_.emplace(world_->BrokerConninfo());
    server_.emplace(cluster().SuperuserConninfo("shop"));
    server_->Run("set client_min_messages = error");
  }

  std::string AllRows() { return server_->Ask("select public.rows_of('things')"); }

  // Makes the tables of a seed and guards them. Answers what went wrong.
  std::string Furnish(RandomTables& tables) {
    made_ = tables.Make("things");
    server_->Run("drop schema if exists things cascade");
    // Sessions of leases are short, and so are these: they would keep a setting for each table that
    // was, and plans for what was recorded of it.
    hand_.emplace(Enter(*runner_));
    undo_hand_.emplace(Enter(*undoer_));
    server_->Run("truncate jit.row_image, jit.row_change, jit.undone, jit.kept, jit.guarded_table");
    const std::string made = server_->Ask(absl::StrCat(
        "set role app_owner; ", made_,
        "grant usage on schema things to app_writer; grant select, insert, update, delete on all"
        " tables in schema things to app_writer; reset role; analyze"));
    if (made.rfind("ERROR", 0) == 0) {
      server_->Run("reset role");
      return absl::StrCat("the tables could not be made: ", made);
    }
    const std::string busy = broker_->Ask(
        "select count(*) from jit.guard_tables('{app_writer}') g"
        " where g.guardable and jit.guard_attach(g.rel, false) not in ('attached', 'already')");
    return busy == "0" ? "" : absl::StrCat("tables are not guarded: ", busy);
  }

  // One transaction of a few statements. Those that fail are rolled back, and some that do not.
  void Change(RandomTables& tables, SeededEntropy& chance) {
    done_.clear();
    hand_->Run("begin");
    for (std::uint64_t left = 1 + chance.Below(6); left > 0; --left) {
      const std::string sql = tables.Statement();
      const bool regretted = chance.OnceIn(10);
      hand_->Run("savepoint here");
      const std::string said = hand_->Ask(sql);
      const bool failed = said.rfind("ERROR", 0) == 0;
      done_.push_back(absl::StrCat(sql, ";  -- ",
                                   failed      ? said
                                   : regretted ? "regretted"
                                               : "done"));
      ++(failed ? failed_ : worked_);
      hand_->Run(failed || regretted ? "rollback to here" : "release here");
    }
    if (!hand_->Run("commit")) done_.push_back("-- the commit failed");
  }

  // One change and its undo; answers what is wrong, or nothing.
  std::string Play(RandomTables& tables, SeededEntropy& chance) {
    const std::string before = AllRows();
    const std::string since = server_->Ask("select clock_timestamp()");
    Change(tables, chance);
    const std::string after = AllRows();
    if (after != before) ++changed_;
    const std::string permitted =
        broker_->Ask(absl::StrCat("select jit.permit_undo('", undoer_->login.text(), "', '",
                                  runner_->login.text(), "', '", since, "', '{}', 'refuse')"));
    if (permitted != "") return absl::StrCat("the undo was not permitted: ", permitted);
    const std::string said = undo_hand_->Ask(
        "select concat_ws(' ', max(what) filter (where kind = 'total'), string_agg(concat_ws(' ',"
        " tbl, op, key, what), '; ') filter (where kind = 'conflict')) from jit.undo(false)");
    const std::string now = AllRows();
    if (said == "undone" && now == before) return "";
    return absl::StrCat("undo said: ", said, "\n", Differences(before, now));
  }

  std::string Story() const { return absl::StrCat(made_, "\n", absl::StrJoin(done_, "\n"), "\n"); }

  std::optional<Opened> runner_;
  std::optional<Opened> undoer_;
  std::optional<Holder> hand_;       // of who changes
  std::optional<Holder> undo_hand_;  // of who takes it back
  std::optional<Holder> broker_;
  std::optional<Holder> server_;
  std::string made_;
  std::vector<std::string> done_;
  int worked_ = 0;
  int failed_ = 0;
  int changed_ = 0;
};

TEST_P(UndoOfAnything, LeavesEveryRowAsBefore) {
  const std::uint64_t only = FromEnvironment("JIT_SEED", 0);
  const std::uint64_t seeds = only != 0 ? kShares : FromEnvironment("JIT_SEEDS", 90);
  int cases = 0;
  for (std::uint64_t n = GetParam(); n < seeds; n += kShares) {
    const std::uint64_t seed = only != 0 ? only : n + 1;
    RandomTables tables(seed);
    SeededEntropy chance(seed);
    const std::string furnished = Furnish(tables);
    ASSERT_EQ(furnished, "") << "replay with JIT_SEED=" << seed << "\n" << Story();
    for (int i = 0; i < kChangesOfASchema; ++i, ++cases) {
      const std::string wrong = Play(tables, chance);
      ASSERT_EQ(wrong, "") << "replay with JIT_SEED=" << seed << "\n" << Story();
    }
  }
  std::cout << "seeds " << GetParam() + 1 << ", " << GetParam() + 1 + kShares << " … to " << seeds
            << ": " << cases << " changes undone, " << changed_ << " of them had changed rows; "
            << worked_ << " statements worked, " << failed_ << " failed\n";
  EXPECT_TRUE(only != 0 || changed_ * 2 > cases);
}

// Foreign keys that act on one of UPDATE and DELETE only, deferred, and few keys, so that they go
// and come again: an undo is exact, or changes nothing and says so. JIT_SEEDS is how many changes.
class UndoOfKeysThatComeAgain : public GuardedStage {};

// A few statements that take keys away and give them to other rows.
std::string GiveKeysOn(SeededEntropy& chance) {
  std::string change;
  for (std::uint64_t left = 2 + chance.Below(4); left > 0; --left) {
    const std::uint64_t one = 1 + chance.Below(3);
    const std::uint64_t other = 1 + chance.Below(4);
    const std::uint64_t row = 10 + chance.Below(5);
    const std::vector<std::string> statements = {
        absl::StrCat("delete from p where id = ", one, ";"),
        absl::StrCat("update p set id = ", one, " where id = ", other, ";"),
        absl::StrCat("insert into p values (", one, ", 9) on conflict do nothing;"),
        absl::StrCat("update c set p = ", one, " where id = ", row, ";"),
        absl::StrCat("update p set v = v + 1 where id = ", one, ";"),
        absl::StrCat("delete from p where id = ", one, "; update p set id = ", one,
                     " where id = ", other, ";"),
        absl::StrCat("update p set id = ", 5 + left, " where id = ", one,
                     "; insert into p values (", one, ", 8);")};
    absl::StrAppend(&change, statements[chance.Below(statements.size())]);
  }
  return change;
}

TEST_F(UndoOfKeysThatComeAgain, IsExactOrNothing) {
  const std::vector<std::string> actions = {"no action", "cascade", "set null"};
  const std::string watch =
      "select concat((select string_agg(p::text, ' ' order by id) from public.p), ' / ',"
      " (select string_agg(c::text, ' ' order by id) from public.c))";
  const Opened runner = OpenRunner("change");
  const Opened undoer = OpenRunner("undo");
  Holder server(cluster().SuperuserConninfo("shop"));
  server.Run("set client_min_messages = error");
  const std::uint64_t changes = FromEnvironment("JIT_SEEDS", 240);
  int exact = 0;
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= changes; ++seed) {
    SeededEntropy chance(seed);
    if (seed % 24 == 1) {
      Owner(
          absl::StrCat("drop table if exists c, p; create table p(id int primary key, v int);"
                       "create table c(id int primary key, p int references p on update ",
                       actions[seed / 24 % 3], " on delete ", actions[seed / 72 % 3],
                       " deferrable initially deferred)"));
      MakeWritable("p, c");
      AttachAll();
    }
    server.Run(
        "truncate p, c; insert into p select i, i from generate_series(1, 3) i;"
        "insert into c select i, 1 + i % 3 from generate_series(10, 14) i");
    const std::string since = server.Ask("select clock_timestamp()");
    const std::string before = server.Ask(watch);
    const std::string change = GiveKeysOn(chance);
    if (!Enter(runner).Run(change)) continue;
    const std::string after = server.Ask(watch);
    if (after == before) continue;
    ASSERT_EQ(Broker(absl::StrCat("select jit.permit_undo('", undoer.login.text(), "', '",
                                  runner.login.text(), "', '", since, "', '{}', 'refuse')")),
              "");
    const std::string said =
        Enter(undoer).Ask("select what from jit.undo(false) where kind = 'total'");
    ++(said == "undone" ? exact : refused);
    ASSERT_EQ(server.Ask(watch), said == "undone" ? before : after)
        << "change " << seed << " " << actions[seed / 24 % 3] << ", " << actions[seed / 72 % 3]
        << "\n"
        << change << "\nwas   " << before << "\nthen  " << after << "\nsaid  " << said;
  }
  std::cout << exact << " changes undone, " << refused << " refused\n";
  EXPECT_TRUE(changes < 240 || (exact > 0 && refused > 0));
}

INSTANTIATE_TEST_SUITE_P(Shares, UndoOfAnything, ::testing::Range<std::uint64_t>(0, kShares));

}  // namespace
}  // namespace jit::testing
