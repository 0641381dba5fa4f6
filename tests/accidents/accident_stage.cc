#include "tests/accidents/accident_stage.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "broker/core/change/expectation.h"
#include "broker/sql/analyse.h"
#include "broker/target_postgres/kit.h"

namespace jit::testing {
namespace {

// Of a guarded person: what one statement, one lease, and one statement of one table may change.
constexpr std::int64_t kStatementRows = 250;
constexpr std::int64_t kSessionRows = 1000;
constexpr std::int64_t kDayRows = 5000;  // of the lease for everything legitimate
constexpr int kSharePercent = 50;
constexpr std::int64_t kShareFloor = 20;
// Of a change, whatever was expected.
constexpr std::int64_t kChangeRows = 20'000;

constexpr absl::Duration kStatementTime = absl::Seconds(4);
constexpr absl::Duration kUndoTime = absl::Minutes(1);

// Every row, and what the catalog says about what holds them; of a sequence only whether its next
// number is free, since numbers are given out for good.
constexpr absl::string_view kWatching = R"(
create schema watching;
create function watching.everything() returns setof text language plpgsql
  set jit = off as $$
declare
  r record;
  v_line text;
begin
  for r in select c.oid, c.relkind, n.nspname, c.relname from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           where n.nspname not in ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine',
                                   'watching', 'pg_toast') and n.nspname !~ '^pg_temp'
             and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') order by 3, 4 loop
    return next format('relation %s.%s %s', r.nspname, r.relname, r.relkind);
    if r.relkind = 'r' then
      execute format('select md5(coalesce(string_agg(md5(t::text), '''' order by md5(t::text)), '
                     '''''))|| count(*) from only %s t', r.oid::regclass) into v_line;
      return next format('rows %s.%s %s', r.nspname, r.relname, v_line);
    end if;
  end loop;
  return query
  select format('column %s %s %s %s %s %s', a.attrelid::regclass, a.attname,
                row_number() over (partition by a.attrelid order by a.attnum),
                format_type(a.atttypid, a.atttypmod), a.attnotnull,
                (select pg_get_expr(adbin, adrelid) from pg_attrdef
                 where adrelid = attrelid and adnum = attnum))
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
    and c.relnamespace in (select watching.places()) order by 1;
  return query
  select format('constraint %s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
  from pg_constraint k where k.connamespace in (select watching.places()) order by 1;
  return query
  select format('index %s', pg_get_indexdef(i.indexrelid)) from pg_index i
  join pg_class c on c.oid = i.indexrelid where c.relnamespace in (select watching.places())
  order by 1;
  return query
  select format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled) from pg_trigger t
  join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
  where not t.tgisinternal and p.pronamespace <> 'jit'::regnamespace
    and c.relnamespace in (select watching.places()) order by 1;
  return query
  select format('function %s', pg_get_functiondef(p.oid)) from pg_proc p
  where p.prokind in ('f', 'p') and p.pronamespace in (select watching.places()) order by 1;
  return query
  select format('view %s %s', c.oid::regclass, pg_get_viewdef(c.oid)) from pg_class c
  where c.relkind in ('v', 'm') and c.relnamespace in (select watching.places()) order by 1;
  return query
  select format('type %s %s', t.typname, t.typtype) from pg_type t
  where t.typtype in ('e', 'd') and t.typnamespace in (select watching.places()) order by 1;
  return query
  select format('rights %s %s', c.oid::regclass,
                array(select a::text from unnest(c.relacl) a order by 1))
  from pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'S')
    and c.relnamespace in (select watching.places()) order by 1;
  return query select format('schema %s', oid::regnamespace) from watching.places() oid order by 1;
  for r in select d.objid::regclass as seq, d.refobjid::regclass as tbl, a.attname
           from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
           join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
           where d.deptype in ('a', 'i') and d.classid = 'pg_class'::regclass
             and s.relnamespace in (select watching.places()) order by 1 loop
    execute format('select format(''sequence %s is ahead: %%s'', s.last_value >= coalesce('
                   '(select max(%I) from %s), 0)) from %s s', r.seq, r.attname, r.tbl, r.seq)
      into v_line;
    return next v_line;
  end loop;
end $$;
create function watching.places() returns setof oid language sql as $$
  select oid from pg_namespace
  where nspname not in ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine', 'watching')
    and nspname !~ '^pg_'
$$;
)";

bool IsOfACeiling(absl::string_view said) {
  return absl::StrContains(said, "54000") || absl::StrContains(said, "ceiling");
}

std::string FirstError(absl::string_view said) {
  for (absl::string_view line : absl::StrSplit(said, '\n')) {
    if (absl::StrContains(line, "ERROR:") || absl::StrContains(line, "FATAL:")) {
      return std::string(line.substr(line.find(": ") + 2));
    }
  }
  return std::string(said.substr(0, 200));
}

std::string Told(const std::vector<change::Miss>& misses) {
  return absl::StrJoin(misses, "; ", [](std::string* out, const change::Miss& miss) {
    absl::StrAppend(out, miss.subject, "=", miss.expected, ", found ", miss.found);
  });
}

}  // namespace

void AccidentStage::Furnish(const std::vector<std::string>& scripts) {
  for (const std::string& script : scripts) {
    std::string output;
    ASSERT_EQ(Psql(cluster().SuperuserConninfo("shop"), script, "", output), 0) << output;
    ASSERT_THAT(output, ::testing::Not(::testing::HasSubstr("ERROR:"))) << output;
  }
  Sql(kWatching);
  target_postgres::KitOptions kit;
  kit.groups = {*core::PgGroup::Parse("shop_writer"), *core::PgGroup::Parse("shop_owner")};
  kit.owners = {*core::PgGroup::Parse("shop_owner")};
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), kit), IsOk());
  target_postgres::TargetOptions options(*core::TargetName::Parse("shop"));
  options.conninfo = world_->BrokerConninfo();
  auto bench = target_postgres::PostgresBench::Create(options, world_->clock());
  ASSERT_THAT(bench, IsOk());
  bench_ = std::move(*bench);
}

int AccidentStage::Psql(const std::string& conninfo, const std::string& sql,
                        const std::string& before, std::string& output) {
  const std::string path = absl::StrCat(cluster().folder(), "/typed.sql");
  std::ofstream(path) << sql;
  const std::string command = absl::StrCat(before, " psql -XAtq -v VERBOSITY=verbose -d \"",
                                           conninfo, "\" -f ", path, " 2>&1 </dev/null");
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return -1;
  std::array<char, 4096> piece;
  while (const std::size_t n = fread(piece.data(), 1, piece.size(), pipe)) {
    output.append(piece.data(), n);
  }
  return pclose(pipe);
}

// Nobody but this stage changes anything, so what was seen last still holds.
std::string AccidentStage::Before() {
  if (seen_.empty()) seen_ = Checksum();
  return seen_;
}

std::string AccidentStage::Checksum() {
  return Sql("select * from watching.everything()");
}

AccidentStage::Login AccidentStage::Writer(std::int64_t session_rows) {
  core::ChangeId::Bytes bytes;
  entropy_.Fill(bytes);
  Login login{Prepare("shop_writer"), core::ChangeId::FromBytes(bytes)};
  login.opened.order.writes = true;
  login.opened.order.guard = policy::GuardTerms{.statement_rows = kStatementRows,
                                                .session_rows = session_rows,
                                                .share_percent = kSharePercent,
                                                .share_floor = kShareFloor,
                                                .keyless = policy::GuardTerms::Keyless::kAllowed};
  EXPECT_THAT(target().OpenLogin(login.opened.order,
                                 *credential::ScramVerifier::Parse(login.opened.verifier)),
              IsOk());
  return login;
}

// Somebody who holds a lock, while there is one.
std::optional<Holder> AccidentStage::Locker(const Case& row) {
  if (!absl::StartsWith(row.twist, "locked ")) return std::nullopt;
  std::optional<Holder> locker(cluster().SuperuserConninfo("shop"));
  EXPECT_TRUE(locker->Connected());
  EXPECT_TRUE(locker->Run(absl::StrCat("begin; lock table ", row.twist.substr(7))));
  return locker;
}

std::string AccidentStage::Type(const Login& login, const Case& row) {
  std::string output;
  const std::optional<Holder> locker = Locker(row);
  Psql(Conninfo(login.opened), row.sql, row.twist == "killed client" ? "timeout -s KILL 0.6" : "",
       output);
  if (row.twist == "killed client") {
    Sql(absl::StrCat(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '",
        login.opened.login.text(), "'"));
  }
  return output;
}

Outcome AccidentStage::SufferAtThePrompt(const Case& row) {
  const std::string before = Before();
  const Login login = Writer(kSessionRows);
  const std::string output = Type(login, row);
  EXPECT_THAT(target().TurnOff({login.opened.login}), IsOk());
  const bool refused = absl::StrContains(output, "ERROR:") || absl::StrContains(output, "FATAL:");
  const std::string said = refused ? FirstError(output) : "";
  const Verdict good = IsOfACeiling(output) ? Verdict::kStopped
                       : !row.twist.empty() ? Verdict::kFailed
                                            : Verdict::kPrevented;
  if (Checksum() == before) {
    if (refused || !row.twist.empty()) return {good, said};
    return {row.verdict == Verdict::kFailed ? Verdict::kFailed : Verdict::kPassed,
            "nothing happened"};
  }
  return Undone(login, row, before, IsOfACeiling(output) ? good : Verdict::kUndone, said);
}

absl::StatusOr<ports::RunOutcome> AccidentStage::Run(ports::RunEnd end, Case::Who who,
                                                     policy::Purpose purpose,
                                                     const std::vector<sql::Statement>& statements,
                                                     const std::optional<core::LoginName>& undo_of,
                                                     std::optional<Login>& used) {
  core::ChangeId::Bytes bytes;
  entropy_.Fill(bytes);
  const bool defines = who == Case::Who::kOwner;
  Login login{Prepare(defines ? "shop_owner" : "shop_writer"), core::ChangeId::FromBytes(bytes)};
  login.opened.order.writes = true;
  std::optional<core::PgGroup> owner;
  if (defines) owner = *core::PgGroup::Parse("shop_owner");
  absl::Status ready = bench_->Prepare({.login = login.opened.login,
                                        .change = login.change,
                                        .end = end,
                                        .member_of = login.opened.order.member_of,
                                        .owner = owner,
                                        .rows_max = kChangeRows,
                                        .valid_until = login.opened.order.valid_until,
                                        .undo_of = undo_of,
                                        .drop_of = {},
                                        .since = {},
                                        .tables = {}});
  if (!ready.ok()) return ready;
  ready = target().OpenLogin(login.opened.order,
                             *credential::ScramVerifier::Parse(login.opened.verifier));
  if (!ready.ok()) return ready;
  used = login;
  return bench_->Run(
      {.login = login.opened.login,
       .password = credential::Secret(std::string(login.opened.password)),
       .change = login.change,
       .end = end,
       .purpose = purpose,
       .owner = owner,
       .statements = statements,
       .statement_timeout = purpose == policy::Purpose::kUndo ? kUndoTime : kStatementTime,
       .lock_timeout = absl::Milliseconds(500),
       .run_max = kUndoTime,
       .samples = 3,
       .masked = {}},
      watching_);
}

// What happens to the server or the client in the middle of the execution.
void AccidentStage::Twist(const Case& row, const Login&) {
  watching_ = Watching();
  if (row.twist == "backend killed") {
    watching_.on_progress = [&](const ports::RunProgress& progress) {
      if (progress.statement != 2) return;
      Sql("select pg_terminate_backend(pid) from pg_stat_activity where usename ~ "
          "'^jit_[a-z2-7]{26}$'");
    };
  } else if (row.twist == "cancelled") {
    watching_.cancelled = [] { return true; };
  }
}

Outcome AccidentStage::Change(const Case& row, std::optional<Login>& applied) {
  auto script = sql::Analyse(row.sql);
  if (!script.ok()) return {Verdict::kPrevented, std::string(script.status().message())};
  for (const sql::Statement& statement : script->statements) {
    for (const sql::Finding& finding : statement.findings) {
      if (finding.severity != sql::Severity::kRefused) continue;
      return {Verdict::kPrevented, absl::StrCat(finding.code, ": ", finding.why)};
    }
  }
  auto written = change::ParseExpectations(row.expect);
  EXPECT_TRUE(row.expect.empty() || written.ok()) << row.expect;
  std::optional<Login> used;
  watching_ = Watching();
  auto seen = Run(ports::RunEnd::kRollBack, row.who, policy::Purpose::kScript, script->statements,
                  {}, used);
  if (!seen.ok()) return {Verdict::kPrevented, std::string(seen.status().message())};
  if (!seen->why.ok()) {
    const std::string why(seen->why.message());
    return {IsOfACeiling(why) ? Verdict::kStopped : Verdict::kPrevented, why};
  }
  const std::vector<change::Expectation> expected =
      change::Joined(row.expect.empty() ? std::vector<change::Expectation>() : *written,
                     change::ExpectationsFrom(seen->report, 0));
  if (const auto missed = change::Misses(expected, seen->report); !missed.empty()) {
    return {Verdict::kCounted, Told(missed)};
  }
  if (!row.meanwhile.empty()) Sql(row.meanwhile);
  const std::optional<Holder> locker = Locker(row);
  Twist(row, *used);
  bool missed = false;
  watching_.may_commit = [&]() -> absl::Status {
    const auto found = change::Misses(expected, *watching_.asked);
    if (found.empty() && watching_.asked_fingerprint == seen->schema_fingerprint) {
      return absl::OkStatus();
    }
    missed = true;
    return absl::FailedPreconditionError(found.empty() ? "the schema is another" : Told(found));
  };
  auto done = Run(ports::RunEnd::kCommit, row.who, policy::Purpose::kScript, script->statements, {},
                  applied);
  if (!done.ok()) {
    applied.reset();
    return {Verdict::kFailed, std::string(done.status().message())};
  }
  if (done->end == ports::RunEnd::kRollBack) {
    applied.reset();
    const std::string why(done->why.message());
    return {missed              ? Verdict::kCounted
            : IsOfACeiling(why) ? Verdict::kStopped
                                : Verdict::kFailed,
            why};
  }
  std::vector<std::string> told;
  for (const std::string& cannot : done->report.undo_cannot) {
    if (!absl::StrContains(cannot, "restore point")) told.push_back(cannot);
  }
  return {Verdict::kPassed, absl::StrJoin(told, "; ")};
}

Outcome AccidentStage::SufferInAChange(const Case& row) {
  const std::string before = Before();
  std::optional<Login> applied;
  Outcome outcome = Change(row, applied);
  if (!applied.has_value()) {
    // What somebody else did in between is theirs to take back.
    if (!row.meanwhile.empty()) Sql(row.settle);
    seen_ = Checksum();
    if (seen_ == before) return outcome;
    return {Verdict::kLost, absl::StrCat("something was left: ", outcome.said)};
  }
  if (row.verdict == Verdict::kFailed && Checksum() == before) {
    return {Verdict::kFailed, "nothing happened"};
  }
  if (row.verdict == Verdict::kTold) {
    if (outcome.said.empty()) return {Verdict::kLost, "nobody was told"};
    Sql(row.settle);
    seen_ = Checksum();
    return {seen_ == before ? Verdict::kTold : Verdict::kLost, outcome.said};
  }
  return Undone(*applied, row, before, Verdict::kUndone, outcome.said);
}

absl::Status AccidentStage::TakeBack(const Login& done, Case::Who who, std::size_t& conflicts) {
  std::optional<Login> used;
  watching_ = Watching();
  auto undone =
      Run(ports::RunEnd::kCommit, who, policy::Purpose::kUndo, {}, done.opened.login, used);
  if (!undone.ok()) return undone.status();
  conflicts = undone->report.conflicts.size();
  return undone->end == ports::RunEnd::kCommit ? absl::OkStatus() : undone->why;
}

Outcome AccidentStage::Undone(const Login& done, const Case& row, const std::string& before,
                              Verdict good, const std::string& said) {
  std::size_t conflicts = 0;
  std::string told = said;
  if (!row.since.empty()) {
    Sql(row.since);
    const std::string since = Checksum();
    const absl::Status refused = TakeBack(done, row.who, conflicts);
    if (refused.ok() || conflicts == 0 || Checksum() != since) {
      return {Verdict::kLost, absl::StrCat("no conflict was told: ", refused.message())};
    }
    told = absl::StrCat(conflicts, " conflicts told, nothing applied");
    Sql(row.settle);
  }
  if (absl::Status undone = TakeBack(done, row.who, conflicts); !undone.ok()) {
    seen_.clear();
    return {Verdict::kLost, absl::StrCat("the undo failed: ", undone.message())};
  }
  const std::string after = Checksum();
  if (after == before) return {good, told};
  seen_ = after;
  std::vector<std::string> was = absl::StrSplit(before, '\n');
  std::vector<std::string> is = absl::StrSplit(after, '\n');
  for (std::size_t i = 0; i < std::min(was.size(), is.size()); ++i) {
    if (was[i] != is[i]) {
      return {Verdict::kLost, absl::StrCat("was: ", was[i], "; is: ", is[i], " ", said)};
    }
  }
  return {Verdict::kLost, "lines are missing"};
}

Outcome AccidentStage::Suffer(const Case& row) {
  return row.who == Case::Who::kWriter ? SufferAtThePrompt(row) : SufferInAChange(row);
}

Outcome AccidentStage::Work(const Case& row) {
  if (row.who != Case::Who::kWriter) {
    std::optional<Login> applied;
    return Change(row, applied);
  }
  // One lease for the whole day.
  if (!day_.has_value()) day_ = Writer(kDayRows);
  const std::string output = Type(*day_, row);
  int errors = 0;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (absl::StrContains(line, "ERROR:") || absl::StrContains(line, "FATAL:")) ++errors;
  }
  if (errors == row.errors && !absl::StrContains(output, "jit-access:")) {
    return {Verdict::kPassed, ""};
  }
  return {IsOfACeiling(output) ? Verdict::kStopped : Verdict::kPrevented, FirstError(output)};
}

}  // namespace jit::testing
