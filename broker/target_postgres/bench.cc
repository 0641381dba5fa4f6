#include "broker/target_postgres/bench.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/pq/conninfo.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/bench_sql.h"
#include "broker/target_postgres/guarding.h"
#include "broker/target_postgres/kit.h"
#include "broker/target_postgres/run_words.h"
#include "broker/target_postgres/running.h"
#include "broker/target_postgres/words.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kDeadline = absl::Seconds(15);
constexpr int kConnections = 4;
constexpr int kForgetAtOnce = 1000;

std::string Word(change::OnConflict on_conflict) {
  switch (on_conflict) {
    case change::OnConflict::kSkip:
      return "skip";
    case change::OnConflict::kOverwrite:
      return "overwrite";
    case change::OnConflict::kRefuse:
      break;
  }
  return "refuse";
}

ports::RunOutcome NotEvenBegun(const absl::Status& why) {
  ports::RunOutcome outcome;
  outcome.why = why;
  return outcome;
}

}  // namespace

PostgresBench::PostgresBench(TargetOptions options, ports::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      pool_(kConnections, [this] { return Dial(); }),
      pinned_(options_.system_identifier) {}

absl::StatusOr<std::unique_ptr<PostgresBench>> PostgresBench::Create(const TargetOptions& options,
                                                                     ports::Clock& clock) {
  // What the target's adapter accepts, this one accepts.
  if (auto target = TargetPostgres::Create(options, clock); !target.ok()) return target.status();
  return std::unique_ptr<PostgresBench>(new PostgresBench(options, clock));
}

absl::Status PostgresBench::CheckPin(const std::string& system_identifier) {
  sync::Lock held(mutex_);
  if (!pinned_.has_value()) pinned_ = system_identifier;
  if (*pinned_ == system_identifier) return absl::OkStatus();
  return core::Refuse(core::Reason::kTargetNotReady,
                      "the target is another cluster than the one that was pinned");
}

absl::StatusOr<std::unique_ptr<pq::Connection>> PostgresBench::Dial() {
  pq::StartUp start_up;
  start_up.application_name = "jit-broker bench";
  auto connection = pq::Connection::Open(options_.conninfo, start_up);
  if (!connection.ok()) return InWords(connection.status());
  auto vitals =
      (*connection)->Run("select system_identifier, kit_version from jit.measure()", kDeadline);
  if (!vitals.ok()) return InWords(vitals.status());
  if (vitals->Integer(0, 1).value_or(0) < kKitVersion) {
    return core::Refuse(
        core::Reason::kTargetNotReady,
        "the kit in the target is older than this broker: run jit-broker target sql");
  }
  if (absl::Status pin = CheckPin(std::string(vitals->Text(0, 0))); !pin.ok()) return pin;
  return connection;
}

absl::StatusOr<pq::Result> PostgresBench::Ask(absl::string_view sql,
                                              const pq::Parameters& parameters) {
  absl::StatusOr<ConnectionPool::Loan> loan = pool_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  auto answer = (*loan)->Run(sql, parameters, kDeadline);
  if (!answer.ok()) return InWords(answer.status());
  return answer;
}

absl::Status PostgresBench::Prepare(const ports::Preparation& preparation) {
  absl::StatusOr<ConnectionPool::Loan> loan = pool_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  std::vector<std::string> groups;
  for (const core::PgGroup& group : preparation.member_of) groups.push_back(group.text());
  if (preparation.owner.has_value()) groups.push_back(preparation.owner->text());
  Guarding guarding(**loan, clock_);
  absl::StatusOr<std::vector<GuardTable>> tables = guarding.TablesOf(groups);
  if (!tables.ok()) return tables.status();
  const bool commits = preparation.end == ports::RunEnd::kCommit;
  GuardOrder order{.login = preparation.login,
                   .purpose = commits ? "execution" : "rehearsal",
                   .valid_until = preparation.valid_until,
                   .change = preparation.change};
  if (preparation.rows_max > 0) {
    order.statement_rows = preparation.rows_max;
    order.session_rows = preparation.rows_max;
  }
  if (absl::Status guarded = guarding.Guard(order, *tables); !guarded.ok()) return guarded;
  return Permit(**loan, preparation);
}

absl::Status PostgresBench::Permit(pq::Connection& connection,
                                   const ports::Preparation& preparation) {
  if (preparation.undo_of.has_value()) {
    pq::Parameters parameters;
    parameters.Text(preparation.login.text()).Text(preparation.undo_of->text());
    preparation.since.has_value() ? parameters.Integer(absl::ToUnixMicros(*preparation.since))
                                  : parameters.Null();
    parameters.TextArray(preparation.tables).Text(Word(preparation.on_conflict));
    auto permitted = connection.Run(BenchSql("permit_undo"), parameters, kDeadline);
    if (!permitted.ok()) return InWords(permitted.status());
  }
  if (preparation.drop_of.has_value()) {
    auto permitted = connection.Run(
        "select jit.permit_drop($1, $2)",
        pq::Parameters().Text(preparation.login.text()).Text(preparation.drop_of->text()),
        kDeadline);
    if (!permitted.ok()) return InWords(permitted.status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PostgresBench::MakeReady(const ports::RunOrder& order,
                                                     std::string& restore_point) {
  absl::StatusOr<ConnectionPool::Loan> loan = pool_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  auto vitals = (*loan)->Run("select system_identifier from jit.measure()", kDeadline);
  if (!vitals.ok()) return InWords(vitals.status());
  auto enlisted = (*loan)->Run("select jit.enlist_runner($1)",
                               pq::Parameters().Text(order.login.text()), kDeadline);
  if (!enlisted.ok()) return InWords(enlisted.status());
  if (order.end == ports::RunEnd::kCommit) {
    auto made =
        (*loan)->Run("select jit.make_restore_point($1)",
                     pq::Parameters().Text(absl::StrCat("jit-", order.change.text())), kDeadline);
    if (!made.ok() || !made->IsTrue(0, 0)) {
      restore_point =
          "the whole cluster, to the moment before it: the target does not let us make a restore "
          "point";
    }
  }
  return std::string(vitals->Text(0, 0));
}

absl::StatusOr<std::unique_ptr<pq::Connection>> PostgresBench::LogIn(
    const ports::RunOrder& order) const {
  absl::StatusOr<std::string> conninfo =
      pq::WithLogin(options_.conninfo, order.login.text(), order.password.RevealForUse());
  if (!conninfo.ok()) return conninfo.status();
  pq::StartUp start_up;
  start_up.application_name = absl::StrCat("jit-access change ", order.change.text());
  start_up.statement_timeout = order.statement_timeout;
  start_up.lock_timeout = order.lock_timeout;
  // Between two statements of a run nothing is waited for but us.
  start_up.idle_in_transaction_timeout = absl::Seconds(60);
  start_up.search = pq::StartUp::Search::kAsConfigured;
  return pq::Connection::Open(*conninfo, start_up);
}

absl::StatusOr<ports::RunOutcome> PostgresBench::Run(const ports::RunOrder& order,
                                                     ports::RunWatcher& watcher) {
  std::string restore_point;
  absl::StatusOr<std::string> system_identifier = MakeReady(order, restore_point);
  if (!system_identifier.ok()) return NotEvenBegun(system_identifier.status());
  absl::StatusOr<std::unique_ptr<pq::Connection>> connection = LogIn(order);
  if (!connection.ok()) {
    ports::RunOutcome outcome = NotEvenBegun(connection.status());
    outcome.system_identifier = *system_identifier;
    return outcome;
  }
  const RunTally::SeenOutside seen_outside =
      [this](const std::vector<std::int64_t>& tables) -> absl::StatusOr<std::set<std::int64_t>> {
    auto seen = Ask("select c.oid from pg_class c where c.oid = any ($1)",
                    pq::Parameters().IntegerArray(tables));
    if (!seen.ok()) return seen.status();
    std::set<std::int64_t> found;
    for (int row = 0; row < seen->rows(); ++row) found.insert(seen->Integer(row, 0).value_or(0));
    return found;
  };
  absl::StatusOr<ports::RunOutcome> outcome =
      Running(**connection, order, watcher, clock_, seen_outside).Run();
  if (!outcome.ok()) return outcome;
  outcome->system_identifier = *system_identifier;
  if (!restore_point.empty()) outcome->report.undo_cannot.push_back(restore_point);
  return outcome;
}

absl::StatusOr<ports::ExecutionState> PostgresBench::Look(const core::ChangeId& change) {
  auto answer =
      Ask("select committed from jit.execution_state($1)", pq::Parameters().Text(change.text()));
  if (!answer.ok()) return answer.status();
  return answer->IsTrue(0, 0) ? ports::ExecutionState::kCommitted : ports::ExecutionState::kAbsent;
}

absl::StatusOr<std::string> PostgresBench::SchemaFingerprint() {
  auto answer = Ask(ObjectList::kQuestion, pq::Parameters());
  if (!answer.ok()) return answer.status();
  return ObjectList::Read(*answer).Digest();
}

absl::StatusOr<std::vector<ports::RowChange>> PostgresBench::RowChanges(
    const core::LoginName& login, std::int64_t after, int limit) {
  auto answer =
      Ask("select seq, at_us, nsp, tbl, op, n, cause, query from jit.list_changes($1, $2, $3)",
          pq::Parameters().Text(login.text()).Integer(after).Integer(limit));
  if (!answer.ok()) return answer.status();
  std::vector<ports::RowChange> changes;
  for (int row = 0; row < answer->rows(); ++row) {
    changes.push_back({.sequence = answer->Integer(row, 0).value_or(0),
                       .time = absl::FromUnixMicros(answer->Integer(row, 1).value_or(0)),
                       .schema = std::string(answer->Text(row, 2)),
                       .table = std::string(answer->Text(row, 3)),
                       .verb = VerbOf(answer->Text(row, 4)),
                       .rows = answer->Integer(row, 5).value_or(0),
                       .cause = std::string(answer->Text(row, 6)),
                       .query = std::string(answer->Text(row, 7))});
  }
  return changes;
}

absl::StatusOr<std::vector<change::Sample>> PostgresBench::RowsOf(
    const core::LoginName& login, std::int64_t sequence, int limit,
    const std::set<std::string>& masked) {
  auto answer = Ask(BenchSql("rows_of"),
                    pq::Parameters()
                        .Text(login.text())
                        .Integer(sequence)
                        .Integer(limit)
                        .TextArray(std::vector<std::string>(masked.begin(), masked.end())));
  if (!answer.ok()) return answer.status();
  return SamplesOf(*answer);
}

absl::StatusOr<std::vector<ports::Kept>> PostgresBench::KeptBy(const core::ChangeId& change) {
  auto answer = Ask("select what, kept_us, bytes, touched from jit.kept_usage($1)",
                    pq::Parameters().Text(change.text()));
  if (!answer.ok()) return answer.status();
  std::vector<ports::Kept> kept;
  for (int row = 0; row < answer->rows(); ++row) {
    const absl::string_view touched = answer->Text(row, 3);
    kept.push_back({.what = std::string(answer->Text(row, 0)),
                    .time = absl::FromUnixMicros(answer->Integer(row, 1).value_or(0)),
                    .bytes = answer->Integer(row, 2).value_or(0),
                    .touched = touched == "no"    ? "nothing has touched it since"
                               : touched == "yes" ? "something has used it since"
                                                  : "nobody knows whether anything used it since"});
  }
  return kept;
}

absl::StatusOr<std::int64_t> PostgresBench::ForgetImages(absl::Time before) {
  std::int64_t forgotten = 0;
  for (;;) {
    auto answer = Ask("select jit.forget_images($1, $2)",
                      pq::Parameters().Integer(absl::ToUnixMicros(before)).Integer(kForgetAtOnce));
    if (!answer.ok()) return answer.status();
    const std::int64_t removed = answer->Integer(0, 0).value_or(0);
    forgotten += removed;
    if (removed < kForgetAtOnce) return forgotten;
  }
}

}  // namespace jit::target_postgres
