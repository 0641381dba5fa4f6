#include "broker/target_postgres/run_tally.h"

#include "absl/strings/str_cat.h"

namespace jit::target_postgres {
namespace {

using change::RowCounts;
using change::TableEffect;

void Count(RowCounts& counts, absl::string_view op, std::int64_t rows) {
  if (op == "I") counts.inserted += rows;
  if (op == "U") counts.updated += rows;
  if (op == "D") counts.deleted += rows;
}

RowCounts& Cause(TableEffect& effect, absl::string_view cause) {
  if (cause == "cascade") return effect.cascaded;
  if (cause == "trigger") return effect.triggered;
  return effect.direct;
}

void Add(RowCounts& into, const RowCounts& more) {
  into.inserted += more.inserted;
  into.updated += more.updated;
  into.deleted += more.deleted;
}

std::string Dotted(const std::pair<std::string, std::string>& name) {
  return absl::StrCat(name.first, ".", name.second);
}

}  // namespace

absl::StatusOr<std::vector<TableEffect>> RunTally::Look(absl::Duration since) {
  auto answer = session_.Ask(
      "select kind, nsp, tbl, op, cause, n, has_key, estimate, seq, rel from jit.run_effects($1)",
      pq::Parameters().Integer(newest_));
  if (!answer.ok()) return answer.status();
  Effects effects;
  std::map<std::pair<std::int64_t, std::string>, Bare> found;
  const auto effect_of = [&](const Name& name, bool has_key, std::int64_t estimate) -> auto& {
    auto [entry, fresh] = effects.try_emplace(name);
    TableEffect& effect = entry->second;
    if (fresh) {
      effect = {.schema = name.first, .table = name.second, .has_key = has_key};
      effect.rows_estimate = estimate;
    }
    return effect;
  };
  for (int row = 0; row < answer->rows(); ++row) {
    const absl::string_view kind = answer->Text(row, 0);
    const Name name = {std::string(answer->Text(row, 1)), std::string(answer->Text(row, 2))};
    const std::string op(answer->Text(row, 3));
    const std::int64_t rows = answer->Integer(row, 5).value_or(0);
    const std::int64_t estimate = answer->Integer(row, 7).value_or(0);
    if (kind == "change") {
      Count(Cause(effect_of(name, answer->IsTrue(row, 6), estimate), answer->Text(row, 4)), op,
            rows);
      newest_ = std::max(newest_, answer->Integer(row, 8).value_or(0));
    } else if (kind == "unguarded") {
      found[{answer->Integer(row, 9).value_or(0), op}] = {name, op, rows, answer->IsTrue(row, 6),
                                                          estimate};
    } else if (kind == "numbers") {
      numbers_.insert(Dotted(name));
    } else if (kind == "objects") {
      large_objects_ = true;
    } else {
      locks_.try_emplace({Dotted(name), op}, since);
    }
  }
  if (absl::Status added = AddBare(found, effects); !added.ok()) return added;
  std::vector<TableEffect> told;
  for (auto& [name, effect] : effects) {
    rows_ += effect.sum().total();
    auto [entry, fresh] = totals_.try_emplace(name, effect);
    if (!fresh) {
      Add(entry->second.direct, effect.direct);
      Add(entry->second.cascaded, effect.cascaded);
      Add(entry->second.triggered, effect.triggered);
      entry->second.guarded = entry->second.guarded && effect.guarded;
      entry->second.has_key = entry->second.has_key && effect.has_key;
    }
    told.push_back(effect);
  }
  return told;
}

absl::Status RunTally::AddBare(const std::map<std::pair<std::int64_t, std::string>, Bare>& found,
                               Effects& effects) {
  std::vector<std::int64_t> unknown;
  for (const auto& [key, bare] : found) {
    if (!bare_.contains(key) && !made_here_.contains(key.first)) unknown.push_back(key.first);
  }
  if (!unknown.empty()) {
    absl::StatusOr<std::set<std::int64_t>> outside = seen_outside_(unknown);
    if (!outside.ok()) return outside.status();
    for (const std::int64_t table : unknown) {
      if (!outside->contains(table)) made_here_.insert(table);
    }
  }
  for (const auto& [key, bare] : found) {
    if (made_here_.contains(key.first)) continue;
    const auto [before, fresh] = bare_.try_emplace(key, 0);
    if (!fresh && before->second == bare.rows) continue;
    TableEffect& effect = effects[bare.name];
    effect.schema = bare.name.first;
    effect.table = bare.name.second;
    effect.guarded = false;
    effect.has_key = bare.has_key;
    effect.rows_estimate = bare.estimate;
    Count(effect.direct, bare.op, bare.rows - before->second);
    before->second = bare.rows;
  }
  return absl::OkStatus();
}

std::optional<std::string> RunTally::Unguarded() const {
  for (const auto& [name, effect] : totals_) {
    if (!effect.guarded) return Dotted(name);
  }
  return std::nullopt;
}

void RunTally::Tell(change::Report& report) const {
  for (const auto& [name, effect] : totals_) {
    report.tables.push_back(effect);
    if (!effect.guarded) {
      report.undo_cannot.push_back(absl::StrCat(
          "rows of ", Dotted(name), ": it has no guard, so nobody keeps what they were"));
    } else if (!effect.has_key) {
      report.undo_cannot.push_back(absl::StrCat(
          "rows of ", Dotted(name), ": it has no primary key, so nobody can tell them apart"));
    }
  }
  const absl::Duration now = session_.Now();
  for (const auto& [lock, since] : locks_) {
    report.locks.push_back({lock.first, lock.second, now - since});
  }
  for (const std::string& sequence : numbers_) {
    report.not_rehearsed.push_back(absl::StrCat("numbers taken from the sequence ", sequence,
                                                ": a rollback does not give them back"));
    report.undo_cannot.push_back(absl::StrCat("numbers taken from the sequence ", sequence));
  }
  if (large_objects_) report.undo_cannot.emplace_back("large objects that were changed");
}

}  // namespace jit::target_postgres
