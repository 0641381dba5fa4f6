#include "broker/target_postgres/run_session.h"

#include "absl/strings/str_cat.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(100);
// After so long without an answer to a cancellation, or to something quick, the way is broken.
constexpr absl::Duration kDeadline = absl::Seconds(15);

}  // namespace

absl::Status RunSession::MayGoOn() {
  if (!stopped_.ok()) return stopped_;
  if (watcher_.Cancelled()) {
    stopped_ = absl::CancelledError("it was cancelled");
  } else if (Elapsed() > run_max_) {
    stopped_ = absl::DeadlineExceededError(absl::StrCat(
        "it took longer than the ", absl::FormatDuration(run_max_), " that policy allows a run"));
  }
  return stopped_;
}

void RunSession::ScopeIs(Scope scope) {
  scope_ = scope;
  acting_ = Acting::kUnknown;  // a transaction that ended has taken its roles with it
}

absl::Status RunSession::Become(Acting acting) {
  if (!owner_.has_value()) acting = Acting::kSelf;
  if (acting == acting_ || (!owner_.has_value() && acting_ == Acting::kUnknown)) {
    return absl::OkStatus();
  }
  auto became =
      connection_.Run("select pg_catalog.set_config('role', $1, $2)",
                      pq::Parameters()
                          .Text(acting == Acting::kOwner ? owner_->text() : "none")
                          .Boolean(scope_ == Scope::kTransaction ? pq::Parameters::Truth::kTrue
                                                                 : pq::Parameters::Truth::kFalse),
                      kDeadline);
  if (!became.ok()) return became.status();
  acting_ = acting;
  return absl::OkStatus();
}

absl::StatusOr<pq::Result> RunSession::Execute(absl::string_view sql) {
  if (absl::Status became = Become(Acting::kOwner); !became.ok()) return became;
  return RunStoppably(sql, pq::Parameters(), pq::Connection::Rows::kDropped);
}

absl::StatusOr<pq::Result> RunSession::Try(absl::string_view sql) {
  if (absl::Status became = Become(Acting::kOwner); !became.ok()) return became;
  if (absl::Status may = MayGoOn(); !may.ok()) return may;
  if (absl::Status sent = connection_.SendTrial(sql); !sent.ok()) return sent;
  return CollectStoppably();
}

absl::StatusOr<pq::Result> RunSession::Ask(absl::string_view sql,
                                           const pq::Parameters& parameters) {
  if (absl::Status became = Become(Acting::kSelf); !became.ok()) return became;
  return RunStoppably(sql, parameters, pq::Connection::Rows::kKept);
}

absl::StatusOr<pq::Result> RunSession::RunStoppably(absl::string_view sql,
                                                    const pq::Parameters& parameters,
                                                    pq::Connection::Rows rows) {
  if (absl::Status may = MayGoOn(); !may.ok()) return may;
  if (absl::Status sent = connection_.Send(sql, parameters, rows); !sent.ok()) return sent;
  return CollectStoppably();
}

absl::StatusOr<pq::Result> RunSession::CollectStoppably() {
  std::optional<absl::Duration> asked;
  while (connection_.Ready(kBetweenLooks) == pq::Connection::Progress::kWorking) {
    if (asked.has_value()) {
      if (Now() - *asked > kDeadline) break;  // Collect gives the connection up
      continue;
    }
    if (MayGoOn().ok()) continue;
    // When it cannot be asked, the server's own time-out ends it.
    (void)connection_.Cancel();
    asked = Now();
  }
  auto answer = connection_.Collect(asked.has_value() ? absl::Seconds(1) : kDeadline);
  if (!stopped_.ok()) return stopped_;
  return answer;
}

std::string RunSession::Remarks() const {
  const pq::Connection::Remarks& said = connection_.remarks();
  return absl::StrCat(said.detail.empty() ? "" : "; ", said.detail, said.hint.empty() ? "" : "; ",
                      said.hint);
}

}  // namespace jit::target_postgres
