#include "broker/journal_sqlite/change_rows.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/journal_sqlite/row_values.h"
#include "broker/journal_sqlite/summary_rows.h"

namespace jit::journal_sqlite {
namespace {

using EffectWord = std::pair<change::Effect, absl::string_view>;
constexpr std::array<EffectWord, 4> kEffectWords = {
    {{change::Effect::kNone, "none"},
     {change::Effect::kRehearse, "rehearse"},
     {change::Effect::kApply, "apply"},
     {change::Effect::kMarkSubject, "mark_subject"}}};

constexpr std::array kPurposes = {policy::Purpose::kScript, policy::Purpose::kUnrehearsed,
                                  policy::Purpose::kUndo, policy::Purpose::kDropForGood};

// The states of the index changes_on_their_way: few rows at any time, whatever the history.
constexpr std::array kOnTheirWay = {change::State::kNone,      change::State::kPlanned,
                                    change::State::kRehearsed, change::State::kSubmitted,
                                    change::State::kApproved,  change::State::kApplying};

absl::string_view WordOf(change::Effect effect) {
  const auto* found = std::find_if(kEffectWords.begin(), kEffectWords.end(),
                                   [&](const EffectWord& word) { return word.first == effect; });
  return found->second;
}

absl::StatusOr<ports::ChangeSummary> SummaryOf(const Run& row) {
  const absl::StatusOr<core::ChangeId> id = core::ChangeId::Parse(row.Bytes(0));
  const std::optional<change::State> state = change::StateFromWord(row.Bytes(2));
  const std::string effect_word = row.Bytes(3);
  const auto* effect =
      std::find_if(kEffectWords.begin(), kEffectWords.end(),
                   [&](const EffectWord& word) { return word.second == effect_word; });
  const std::string purpose_word = row.Bytes(4);
  const auto* purpose = std::find_if(kPurposes.begin(), kPurposes.end(), [&](policy::Purpose one) {
    return change::PurposeWord(one) == purpose_word;
  });
  const absl::StatusOr<core::PersonId> requester = core::PersonId::Parse(row.Bytes(5));
  const absl::StatusOr<core::TargetName> target = core::TargetName::Parse(row.Bytes(6));
  const absl::StatusOr<core::RoleName> role = core::RoleName::Parse(row.Bytes(7));
  if (!id.ok() || !state || effect == kEffectWords.end() || purpose == kPurposes.end() ||
      !requester.ok() || !target.ok() || !role.ok()) {
    return absl::DataLossError("a change's summary in the journal is damaged");
  }
  return ports::ChangeSummary{.id = *id,
                              .version = row.Int(1),
                              .state = *state,
                              .effect = effect->first,
                              .purpose = *purpose,
                              .requester = *requester,
                              .target = *target,
                              .role = *role,
                              .plan_time = absl::FromUnixMicros(row.Int(8)),
                              .next_deadline = TimeOf(row.MaybeInt(9))};
}

bool IsOnItsWay(change::State state) {
  return std::find(kOnTheirWay.begin(), kOnTheirWay.end(), state) != kOnTheirWay.end();
}

// The index that leads to the fewest rows for this question.
const char* StatementFor(const ports::ChangeFilter& filter) {
  if (filter.with_effect_only) return "changes_with_effect";
  if (filter.due_by.has_value()) return "changes_by_deadline";
  if (!filter.states.empty() &&
      std::all_of(filter.states.begin(), filter.states.end(), IsOnItsWay)) {
    return "changes_on_their_way";
  }
  return filter.requester.has_value() ? "changes_of_requester" : "changes_newest";
}

absl::StatusOr<std::optional<std::int64_t>> PlanTimeOf(Database& database,
                                                       const core::ChangeId& id) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("plan_time_of_change");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(id.text())});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return *row ? std::optional(run.Int(0)) : std::nullopt;
}

}  // namespace

absl::Status CheckTimes(const ports::ChangeSummary& summary) {
  const bool finite =
      IsFinite(summary.plan_time) && IsFinite(summary.next_deadline.value_or(absl::Time()));
  return finite ? absl::OkStatus() : absl::InvalidArgumentError("a summary holds an infinite time");
}

absl::Status WriteChangeSummary(Database& database, const ports::ChangeSummary& summary) {
  const std::string state = change::StateWord(summary.state);
  const std::string purpose = change::PurposeWord(summary.purpose);
  return database.Do(
      "put_change",
      {absl::string_view(summary.id.text()), summary.version, absl::string_view(state),
       WordOf(summary.effect), absl::string_view(purpose),
       absl::string_view(summary.requester.text()), absl::string_view(summary.target.text()),
       absl::string_view(summary.role.text()), absl::ToUnixMicros(summary.plan_time),
       MicrosOf(summary.next_deadline)});
}

absl::StatusOr<std::optional<ports::ChangeSummary>> ReadChangeSummary(Database& database,
                                                                      const core::ChangeId& id) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("change");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(id.text())});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<ports::ChangeSummary>();
  absl::StatusOr<ports::ChangeSummary> summary = SummaryOf(run);
  if (!summary.ok()) return summary.status();
  return std::optional<ports::ChangeSummary>(*std::move(summary));
}

absl::StatusOr<std::vector<ports::ChangeSummary>> ReadChangeSummaries(
    Database& database, const ports::ChangeFilter& filter) {
  if (filter.limit < 1 || filter.limit > kPageMax) {
    return absl::InvalidArgumentError("a page holds 1 to 10,000 summaries");
  }
  std::vector<ports::ChangeSummary> summaries;
  Value after_time;
  if (filter.after.has_value()) {
    const auto time = PlanTimeOf(database, *filter.after);
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
           filter.with_effect_only ? Value(absl::string_view("none")) : Value(),
           MicrosOf(filter.due_by), after_time, TextOf(filter.after), std::int64_t{filter.limit}});
  for (absl::StatusOr<bool> row = run.Next();; row = run.Next()) {
    if (!row.ok()) return row.status();
    if (!*row) return summaries;
    absl::StatusOr<ports::ChangeSummary> summary = SummaryOf(run);
    if (!summary.ok()) return summary.status();
    summaries.push_back(*std::move(summary));
  }
}

absl::StatusOr<std::int64_t> CountWaitingChangeRows(Database& database,
                                                    const core::PersonId& person) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("count_waiting_changes");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(person.text())});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return run.Int(0);
}

}  // namespace jit::journal_sqlite
