#include "broker/target_postgres/running.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/bench_sql.h"
#include "broker/target_postgres/run_words.h"

namespace jit::target_postgres {
namespace {

using ports::RunEnd;
using ports::RunOutcome;

constexpr absl::Duration kDeadline = absl::Seconds(15);
constexpr absl::Duration kCommitDeadline = absl::Seconds(60);

bool HasPlan(sql::Kind kind) {
  return kind == sql::Kind::kRead || kind == sql::Kind::kInsert || kind == sql::Kind::kUpdate ||
         kind == sql::Kind::kDelete || kind == sql::Kind::kMerge;
}

}  // namespace

absl::StatusOr<RunOutcome> Running::Run() {
  if (order_.purpose == policy::Purpose::kUnrehearsed) return RunUnrehearsed();
  absl::Status went = Begin();
  if (went.ok()) went = Work();
  if (went.ok()) went = Finish();
  outcome_.report.elapsed = session_.Elapsed();
  if (!went.ok()) {
    tally_.Tell(outcome_.report);
    return RolledBack(went);
  }
  if (order_.end == RunEnd::kRollBack) return RolledBack(absl::OkStatus());
  if (absl::Status may = watcher_.MayCommit(outcome_.report, outcome_.schema_fingerprint);
      !may.ok()) {
    return RolledBack(may);
  }
  return Commit();
}

absl::Status Running::Begin() {
  auto begun = session_.connection().Run("begin read write", kDeadline);
  if (!begun.ok()) return begun.status();
  auto objects = session_.Ask(ObjectList::kQuestion);
  if (!objects.ok()) return objects.status();
  before_ = ObjectList::Read(*objects);
  keeping_.emplace(session_, before_);
  outcome_.schema_fingerprint = before_.Digest();
  if (order_.end == RunEnd::kRollBack) return absl::OkStatus();
  return session_.Ask("select jit.begin_execution($1)", pq::Parameters().Text(order_.change.text()))
      .status();
}

absl::Status Running::Work() {
  switch (order_.purpose) {
    case policy::Purpose::kUndo:
      return Undo();
    case policy::Purpose::kDropForGood:
      return DropForGood();
    case policy::Purpose::kScript:
    case policy::Purpose::kUnrehearsed:
      break;
  }
  return RunStatements();
}

void Running::Progress(std::size_t statement) {
  watcher_.Progress({.statement = static_cast<int>(statement),
                     .statements = static_cast<int>(order_.statements.size()),
                     .rows = tally_.rows()});
}

absl::Status Running::RunStatements() {
  for (std::size_t i = 0; i < order_.statements.size(); ++i) {
    const sql::Statement& statement = order_.statements[i];
    Progress(i + 1);
    outcome_.report.statements.push_back(ReadingOf(statement));
    absl::Status ran = RunStatement(statement, outcome_.report.statements.back());
    if (ran.ok() && order_.end == RunEnd::kCommit) ran = RefuseUnguarded();
    if (!ran.ok()) {
      return absl::Status(ran.code(), absl::StrCat("statement ", i + 1, ", line ", statement.line,
                                                   ": ", ran.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status Running::RunStatement(const sql::Statement& statement,
                                   change::StatementReport& report) {
  if (order_.end == RunEnd::kRollBack) report.plan_cost = PlanCost(statement);
  const absl::Duration start = session_.Now();
  if (!statement.destroys.empty()) {
    absl::StatusOr<std::string> kept = keeping_->Keep(statement);
    if (!kept.ok()) return WithRemarks(kept.status(), session_);
    report.kept = std::move(*kept);
  }
  if (!statement.only_destroys) {
    auto answer = session_.Execute(statement.text);
    if (!answer.ok()) return WithRemarks(answer.status(), session_);
    report.rows = answer->affected();
    if (absl::Status noted = keeping_->Note(statement); !noted.ok()) return noted;
  }
  report.elapsed = session_.Now() - start;
  absl::StatusOr<std::vector<change::TableEffect>> effects = tally_.Look(start);
  if (!effects.ok()) return effects.status();
  report.tables = std::move(*effects);
  return absl::OkStatus();
}

// Asked for before the statement runs, and in a rehearsal only: an estimate for people.
std::optional<std::int64_t> Running::PlanCost(const sql::Statement& statement) {
  if (!HasPlan(statement.kind)) return std::nullopt;
  auto plan = session_.Try(absl::StrCat("explain (format json) ", statement.text));
  if (!plan.ok()) return std::nullopt;
  return CostOf(plan->Text(0, 0));
}

absl::Status Running::RefuseUnguarded() const {
  const std::optional<std::string> table = tally_.Unguarded();
  if (!table.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      *table,
      " cannot be taken back: it changed without a guard; jit-broker target doctor tells "
      "what stands in its way"));
}

absl::Status Running::Undo() {
  const absl::Duration start = session_.Now();
  auto answer = session_.Ask("select kind, nsp, tbl, key, what, n from jit.undo(p_dry => false)");
  if (!answer.ok()) return WithRemarks(answer.status(), session_);
  bool changed = true;
  for (int row = 0; row < answer->rows(); ++row) {
    const absl::string_view kind = answer->Text(row, 0);
    if (kind == "conflict") {
      outcome_.report.conflicts.push_back(
          {.table = absl::StrCat(answer->Text(row, 1), ".", answer->Text(row, 2)),
           .key = std::string(answer->Text(row, 3)),
           .what = std::string(answer->Text(row, 4))});
    }
    if (kind == "total") changed = answer->Text(row, 4) != "nothing was changed";
  }
  if (absl::Status looked = tally_.Look(start).status(); !looked.ok()) return looked;
  if (changed || order_.end == RunEnd::kRollBack) return absl::OkStatus();
  const std::size_t rows = outcome_.report.conflicts.size();
  return absl::FailedPreconditionError(absl::StrCat(rows, rows == 1 ? " row stands" : " rows stand",
                                                    " in the way: nothing was taken back"));
}

absl::Status Running::DropForGood() {
  if (order_.end == RunEnd::kRollBack) {
    outcome_.report.not_rehearsed.emplace_back("dropping for good: nothing is touched before it");
    return absl::OkStatus();
  }
  const absl::Duration start = session_.Now();
  auto answer = session_.Ask("select jit.drop_for_good(null)");
  if (!answer.ok()) return WithRemarks(answer.status(), session_);
  change::StatementReport& report = outcome_.report.statements.emplace_back();
  report.kind = "drop";
  report.tag = "DROP";
  report.text = std::string(answer->Text(0, 0));
  report.elapsed = session_.Now() - start;
  return tally_.Look(start).status();
}

// What is deferred happens now, and is counted. From here on nothing of the script runs any more.
absl::Status Running::Finish() {
  const absl::Duration start = session_.Now();
  auto settled = session_.Execute("set constraints all immediate");
  if (!settled.ok()) {
    const absl::Status why = WithRemarks(settled.status(), session_);
    return absl::Status(why.code(), absl::StrCat("at the end: ", why.message()));
  }
  if (absl::Status looked = tally_.Look(start).status(); !looked.ok()) return looked;
  // An undo runs nothing but the kit, which puts the rows of a TRUNCATE back without the guard.
  if (order_.end == RunEnd::kCommit && order_.purpose != policy::Purpose::kUndo) {
    if (absl::Status guarded = RefuseUnguarded(); !guarded.ok()) return guarded;
  }
  auto objects = session_.Ask(ObjectList::kQuestion);
  if (!objects.ok()) return objects.status();
  outcome_.report.objects = ObjectList::Read(*objects).Since(before_);
  if (absl::Status sampled = TakeSamples(); !sampled.ok()) return sampled;
  tally_.Tell(outcome_.report);
  TellWhatStays();
  return TellWhatUndoMayRefuse();
}

absl::Status Running::TakeSamples() {
  if (order_.samples <= 0) return absl::OkStatus();
  // The question is ours alone, whatever path the script has set. What it costs is guessed so much
  // too high that it would be compiled first, which takes longer than to answer it.
  auto path = session_.Ask(
      "select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),"
      " pg_catalog.set_config('jit', 'off', true)");
  if (!path.ok()) return path.status();
  auto answer = session_.Ask(
      BenchSql("samples"),
      pq::Parameters()
          .Integer(order_.samples)
          .TextArray(std::vector<std::string>(order_.masked.begin(), order_.masked.end())));
  if (!answer.ok()) return answer.status();
  outcome_.report.samples = SamplesOf(*answer);
  return absl::OkStatus();
}

void Running::TellWhatStays() {
  change::Report& report = outcome_.report;
  for (const sql::Statement& statement : order_.statements) TellOf(statement, report);
  const auto is_kept = [&](const std::string& name) {
    return std::any_of(
        order_.statements.begin(), order_.statements.end(), [&](const sql::Statement& statement) {
          return std::any_of(
              statement.destroys.begin(), statement.destroys.end(),
              [&](const sql::Destruction& lost) { return HasIdentifier(name, lost.object.name); });
        });
  };
  for (const change::ObjectEffect& object : report.objects) {
    if (object.what == change::ObjectEffect::What::kAltered && !is_kept(object.name)) {
      report.undo_cannot.push_back(
          absl::StrCat("the ", object.kind, " ", object.name, " stays as it was altered"));
    }
  }
}

absl::Status Running::TellWhatUndoMayRefuse() {
  if (order_.purpose == policy::Purpose::kUndo) return absl::OkStatus();
  const auto deferred = std::any_of(order_.statements.begin(), order_.statements.end(), Defers)
                            ? pq::Parameters::Truth::kTrue
                            : pq::Parameters::Truth::kFalse;
  auto answer = session_.Ask("select kind, nsp, tbl, name from jit.undo_doubts($1)",
                             pq::Parameters().Boolean(deferred));
  if (!answer.ok()) return answer.status();
  for (int row = 0; row < answer->rows(); ++row) {
    outcome_.report.undo_cannot.push_back(DoubtText(
        answer->Text(row, 0), absl::StrCat(answer->Text(row, 1), ".", answer->Text(row, 2)),
        answer->Text(row, 3)));
  }
  return absl::OkStatus();
}

RunOutcome Running::RolledBack(const absl::Status& why) {
  // A server that cannot be told rolls back by itself when it notices that we are gone.
  (void)session_.connection().Run("rollback", kDeadline);
  outcome_.end = RunEnd::kRollBack;
  outcome_.why = why;
  return std::move(outcome_);
}

absl::StatusOr<RunOutcome> Running::Commit() {
  auto ended = session_.connection().Run("commit", kCommitDeadline);
  if (!ended.ok() && pq::OutcomeOf(ended.status()) == pq::Outcome::kUnknown) {
    return absl::UnknownError(absl::StrCat("COMMIT was sent and nobody knows what became of it: ",
                                           ended.status().message()));
  }
  if (!ended.ok()) return RolledBack(WithRemarks(ended.status(), session_));
  // A transaction in which something failed answers COMMIT with ROLLBACK, and no error.
  if (ended->tag() != "COMMIT") {
    return RolledBack(absl::AbortedError("the target answered COMMIT with a rollback"));
  }
  outcome_.end = RunEnd::kCommit;
  return std::move(outcome_);
}

// Before the first statement the execution is put down, in a transaction of its own: from then on
// it has happened, however far it came.
absl::Status Running::BeginUnrehearsed() {
  auto objects = session_.Ask(ObjectList::kQuestion);
  if (!objects.ok()) return objects.status();
  before_ = ObjectList::Read(*objects);
  outcome_.schema_fingerprint = before_.Digest();
  for (const sql::Statement& statement : order_.statements) {
    outcome_.report.statements.push_back(ReadingOf(statement));
  }
  outcome_.report.not_rehearsed.emplace_back(
      "all of it: it cannot run in a transaction, so this is what was read, not what happened");
  outcome_.report.undo_cannot.emplace_back("all of it: each statement stays when it has run");
  if (order_.end == RunEnd::kRollBack) return absl::OkStatus();
  return watcher_.MayCommit(outcome_.report, outcome_.schema_fingerprint);
}

absl::StatusOr<RunOutcome> Running::RunUnrehearsed() {
  session_.ScopeIs(RunSession::Scope::kSession);
  const absl::Status begun = BeginUnrehearsed();
  if (!begun.ok() || order_.end == RunEnd::kRollBack) return RolledBack(begun);
  auto put_down =
      session_.Ask("select jit.begin_execution($1)", pq::Parameters().Text(order_.change.text()));
  if (!put_down.ok()) {
    if (pq::OutcomeOf(put_down.status()) != pq::Outcome::kUnknown) {
      return RolledBack(WithRemarks(put_down.status(), session_));
    }
    return absl::UnknownError("nobody knows whether the execution was put down");
  }
  outcome_.end = RunEnd::kCommit;
  for (std::size_t i = 0; i < order_.statements.size(); ++i) {
    Progress(i + 1);
    const absl::Duration start = session_.Now();
    auto answer = session_.Execute(order_.statements[i].text);
    change::StatementReport& report = outcome_.report.statements[i];
    report.elapsed = session_.Now() - start;
    if (!answer.ok()) {
      const absl::Status why = WithRemarks(answer.status(), session_);
      outcome_.why = absl::Status(
          why.code(),
          absl::StrCat("statement ", i + 1, ", line ", order_.statements[i].line, ": ",
                       why.message(), "; the ", i, " before it stay, the rest did not run"));
      break;
    }
    report.rows = answer->affected();
  }
  outcome_.report.not_rehearsed.clear();
  outcome_.report.elapsed = session_.Elapsed();
  return std::move(outcome_);
}

}  // namespace jit::target_postgres
