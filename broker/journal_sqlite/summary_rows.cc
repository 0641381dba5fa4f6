#include "broker/journal_sqlite/summary_rows.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/journal_sqlite/row_values.h"

namespace jit::journal_sqlite {
namespace {

using EffectWord = std::pair<lease::Effect, absl::string_view>;
constexpr std::array<EffectWord, 4> kEffectWords = {{{lease::Effect::kNone, "none"},
                                                     {lease::Effect::kOpenLogin, "open_login"},
                                                     {lease::Effect::kTurnOff, "turn_off"},
                                                     {lease::Effect::kRemove, "remove"}}};

absl::string_view WordOf(lease::Effect effect) {
  const auto* found = std::find_if(kEffectWords.begin(), kEffectWords.end(),
                                   [&](const EffectWord& word) { return word.first == effect; });
  return found->second;
}

using PathWord = std::pair<policy::Path, absl::string_view>;
constexpr std::array<PathWord, 3> kPathWords = {{{policy::Path::kOrdinary, "ordinary"},
                                                 {policy::Path::kBreakGlass, "break_glass"},
                                                 {policy::Path::kChange, "change"}}};

absl::string_view WordOf(policy::Path path) {
  const auto* found = std::find_if(kPathWords.begin(), kPathWords.end(),
                                   [&](const PathWord& word) { return word.first == path; });
  return found->second;
}

absl::Status Damaged() {
  return absl::DataLossError("a lease's summary in the journal is damaged");
}

absl::StatusOr<ports::LeaseSummary> SummaryOf(const Run& row) {
  const absl::StatusOr<core::LeaseId> id = core::LeaseId::Parse(row.Bytes(0));
  const std::optional<lease::State> state = lease::StateFromWord(row.Bytes(2));
  const std::string effect_word = row.Bytes(3);
  const auto* effect =
      std::find_if(kEffectWords.begin(), kEffectWords.end(),
                   [&](const EffectWord& word) { return word.second == effect_word; });
  const std::string path_word = row.Bytes(4);
  const auto* path = std::find_if(kPathWords.begin(), kPathWords.end(),
                                  [&](const PathWord& word) { return word.second == path_word; });
  const absl::StatusOr<core::PersonId> requester = core::PersonId::Parse(row.Bytes(5));
  const absl::StatusOr<core::TargetName> target = core::TargetName::Parse(row.Bytes(6));
  const absl::StatusOr<core::RoleName> role = core::RoleName::Parse(row.Bytes(7));
  if (!id.ok() || !state || effect == kEffectWords.end() || path == kPathWords.end() ||
      !requester.ok() || !target.ok() || !role.ok()) {
    return Damaged();
  }
  return ports::LeaseSummary{.id = *id,
                             .version = row.Int(1),
                             .state = *state,
                             .effect = effect->first,
                             .path = path->first,
                             .requester = *requester,
                             .target = *target,
                             .role = *role,
                             .request_time = absl::FromUnixMicros(row.Int(8)),
                             .next_deadline = TimeOf(row.MaybeInt(9)),
                             .expire_time = TimeOf(row.MaybeInt(10)),
                             .debt_open = row.Int(11) != 0};
}

// The index that leads to the fewest rows for this question.
const char* StatementFor(const ports::SummaryFilter& filter) {
  const bool alive = !filter.states.empty() &&
                     std::none_of(filter.states.begin(), filter.states.end(), lease::IsFinal);
  if (filter.with_effect_only) return "leases_with_effect";
  if (filter.with_debt_only) return "leases_with_debt";
  if (filter.due_by.has_value()) return "leases_by_deadline";
  if (alive) return "leases_alive";
  return filter.requester.has_value() ? "leases_of_requester" : "leases_newest";
}

absl::StatusOr<std::optional<std::int64_t>> RequestTimeOf(Database& database,
                                                          const core::LeaseId& id) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("request_time_of_lease");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(id.text())});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return *row ? std::optional(run.Int(0)) : std::nullopt;
}

}  // namespace

absl::Status CheckTimes(const ports::LeaseSummary& summary) {
  const bool finite = IsFinite(summary.request_time) &&
                      IsFinite(summary.next_deadline.value_or(absl::Time())) &&
                      IsFinite(summary.expire_time.value_or(absl::Time()));
  return finite ? absl::OkStatus() : absl::InvalidArgumentError("a summary holds an infinite time");
}

absl::Status WriteSummary(Database& database, const ports::LeaseSummary& summary) {
  const std::string state = lease::StateWord(summary.state);
  return database.Do(
      "put_lease",
      {absl::string_view(summary.id.text()), summary.version, absl::string_view(state),
       WordOf(summary.effect), WordOf(summary.path), absl::string_view(summary.requester.text()),
       absl::string_view(summary.target.text()), absl::string_view(summary.role.text()),
       absl::ToUnixMicros(summary.request_time), MicrosOf(summary.next_deadline),
       MicrosOf(summary.expire_time), std::int64_t{summary.debt_open}});
}

absl::StatusOr<std::optional<ports::LeaseSummary>> ReadSummary(Database& database,
                                                               const core::LeaseId& id) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("lease");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(id.text())});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<ports::LeaseSummary>();
  absl::StatusOr<ports::LeaseSummary> summary = SummaryOf(run);
  if (!summary.ok()) return summary.status();
  return std::optional<ports::LeaseSummary>(*std::move(summary));
}

absl::StatusOr<std::vector<ports::LeaseSummary>> ReadSummaries(Database& database,
                                                               const ports::SummaryFilter& filter) {
  if (filter.limit < 1 || filter.limit > kPageMax) {
    return absl::InvalidArgumentError("a page holds 1 to 10,000 summaries");
  }
  std::vector<ports::LeaseSummary> summaries;
  Value after_time;
  if (filter.after.has_value()) {
    const auto time = RequestTimeOf(database, *filter.after);
    if (!time.ok()) return time.status();
    if (!time->has_value()) return summaries;
    after_time = **time;
  }
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement(StatementFor(filter));
  if (!statement.ok()) return statement.status();
  const std::string states = WordsOf(filter.states);
  Run run(*statement,
          {TextOf(filter.requester), TextOf(filter.target),
           filter.states.empty() ? Value() : Value(absl::string_view(states)),
           filter.with_debt_only ? Value(std::int64_t{1}) : Value(),
           filter.with_effect_only ? Value(absl::string_view("none")) : Value(),
           MicrosOf(filter.due_by), after_time, TextOf(filter.after), std::int64_t{filter.limit}});
  for (absl::StatusOr<bool> row = run.Next();; row = run.Next()) {
    if (!row.ok()) return row.status();
    if (!*row) return summaries;
    absl::StatusOr<ports::LeaseSummary> summary = SummaryOf(run);
    if (!summary.ok()) return summary.status();
    summaries.push_back(*std::move(summary));
  }
}

absl::StatusOr<std::int64_t> CountWaitingRows(Database& database, const core::PersonId& person) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("count_waiting");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(person.text())});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return run.Int(0);
}

}  // namespace jit::journal_sqlite
