#include "tests/testing/memory_bench.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/core/refusal.h"
#include "broker/ledger/merkle.h"

namespace jit::testing {
namespace {

using change::Sample;

absl::Status Unreachable() {
  return absl::UnavailableError("the target does not answer");
}

absl::Status Unknown() {
  return absl::UnknownError("the connection broke; nobody knows how it ended");
}

std::pair<std::string, std::string> SchemaAndTable(const std::string& table) {
  return absl::StrSplit(table, absl::MaxSplits('.', 1));
}

Sample::Verb VerbOf(const std::optional<std::string>& before) {
  return before.has_value() ? Sample::Verb::kUpdated : Sample::Verb::kInserted;
}

Sample::Verb VerbOf(const std::optional<std::string>& before,
                    const std::optional<std::string>& after) {
  return after.has_value() ? VerbOf(before) : Sample::Verb::kDeleted;
}

void Count(Sample::Verb verb, change::RowCounts& counts) {
  switch (verb) {
    case Sample::Verb::kInserted:
      ++counts.inserted;
      break;
    case Sample::Verb::kUpdated:
      ++counts.updated;
      break;
    case Sample::Verb::kDeleted:
      ++counts.deleted;
      break;
  }
}

change::TableEffect& EffectOn(const std::string& table, std::vector<change::TableEffect>& effects) {
  const auto [schema, name] = SchemaAndTable(table);
  for (change::TableEffect& effect : effects) {
    if (effect.schema == schema && effect.table == name) return effect;
  }
  change::TableEffect effect;
  effect.schema = schema;
  effect.table = name;
  return effects.emplace_back(std::move(effect));
}

}  // namespace

absl::StatusOr<sql::Script> CannedReader::Read(const std::string& script) {
  sql::Script read;
  int line = 1;
  std::string body;
  for (const absl::string_view row : absl::StrSplit(script, '\n')) {
    if (absl::StrContains(row, "syntax error")) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line, ", column 1: syntax error"));
    }
    if (absl::StartsWith(row, "-- expect:")) {
      read.expectations.emplace_back(row.substr(10));
    } else if (!absl::StartsWith(row, "--")) {
      absl::StrAppend(&body, body.empty() ? "" : "\n", row);
    }
    ++line;
  }
  for (absl::string_view piece : absl::StrSplit(body, ';')) {
    piece = absl::StripAsciiWhitespace(piece);
    if (piece.empty()) continue;
    const auto known = statements_.find(std::string(piece));
    if (known != statements_.end()) {
      read.statements.push_back(known->second);
      continue;
    }
    sql::Statement statement;
    statement.text = std::string(piece);
    statement.kind = sql::Kind::kUpdate;
    statement.tag = "UPDATE";
    read.statements.push_back(std::move(statement));
  }
  if (read.statements.empty()) return absl::InvalidArgumentError("the script holds no statement");
  return read;
}

void MemoryBench::Put(const std::string& table, const std::string& key, const std::string& value) {
  const std::lock_guard<std::mutex> held(mutex_);
  tables_[table][key] = value;
}

void MemoryBench::Say(const std::string& statement, StatementEffect effect) {
  const std::lock_guard<std::mutex> held(mutex_);
  effects_.insert_or_assign(statement, std::move(effect));
}

void MemoryBench::AlterSchema(const std::string& word) {
  const std::lock_guard<std::mutex> held(mutex_);
  absl::StrAppend(&schema_, " ", word);
}

void MemoryBench::FailNext(Verb verb, Trouble trouble) {
  const std::lock_guard<std::mutex> held(mutex_);
  troubles_.insert_or_assign(verb, trouble);
}

void MemoryBench::FinishCommits() {
  const std::lock_guard<std::mutex> held(mutex_);
  for (const Work& work : std::exchange(in_flight_, {})) {
    // A login that is off has no session left that could commit.
    if (target_.CanLogIn(work.login)) Commit(work);
  }
}

MemoryBench::Tables MemoryBench::tables() const {
  const std::lock_guard<std::mutex> held(mutex_);
  return tables_;
}

int MemoryBench::CommitsOf(const core::ChangeId& change) const {
  const std::lock_guard<std::mutex> held(mutex_);
  const auto found = commits_.find(change);
  return found == commits_.end() ? 0 : found->second;
}

int MemoryBench::commits() const {
  const std::lock_guard<std::mutex> held(mutex_);
  int sum = 0;
  for (const auto& [change, count] : commits_) sum += count;
  return sum;
}

int MemoryBench::runs() const {
  const std::lock_guard<std::mutex> held(mutex_);
  return runs_;
}

std::optional<ports::Preparation> MemoryBench::PreparationOf(const core::LoginName& login) const {
  const std::lock_guard<std::mutex> held(mutex_);
  const auto found = preparations_.find(login);
  if (found == preparations_.end()) return std::nullopt;
  return found->second;
}

std::optional<absl::Time> MemoryBench::images_forgotten_before() const {
  const std::lock_guard<std::mutex> held(mutex_);
  return forgotten_before_;
}

std::optional<MemoryBench::Trouble> MemoryBench::Enter(Verb verb) {
  const auto found = troubles_.find(verb);
  if (found == troubles_.end()) return std::nullopt;
  const Trouble trouble = found->second;
  troubles_.erase(found);
  return trouble;
}

absl::Status MemoryBench::Prepare(const ports::Preparation& preparation) {
  const std::lock_guard<std::mutex> held(mutex_);
  const std::optional<Trouble> trouble = Enter(Verb::kPrepare);
  if (trouble == Trouble::kFailsBefore) return Unreachable();
  preparations_.insert_or_assign(preparation.login, preparation);
  return trouble.has_value() ? Unreachable() : absl::OkStatus();
}

absl::Status MemoryBench::CheckMayRun(const ports::RunOrder& order) const {
  const auto prepared = preparations_.find(order.login);
  if (prepared == preparations_.end() || prepared->second.change != order.change ||
      prepared->second.end != order.end) {
    return absl::FailedPreconditionError("nothing was prepared for this run");
  }
  if (!target_.CanLogIn(order.login)) {
    return absl::FailedPreconditionError("the login of the run cannot log in");
  }
  if (order.end == ports::RunEnd::kCommit && commits_.contains(order.change)) {
    return absl::FailedPreconditionError("this change was committed before");
  }
  return absl::OkStatus();
}

void MemoryBench::Edit(const RowEdit& edit, const std::string& query,
                       change::StatementReport& statement, Work& work) {
  auto& table = work.tables[edit.table];
  const auto found = table.find(edit.key);
  const std::optional<std::string> before =
      found == table.end() ? std::nullopt : std::optional(found->second);
  if (!before.has_value() && !edit.value.has_value()) return;
  if (edit.value.has_value()) {
    table[edit.key] = *edit.value;
  } else {
    table.erase(edit.key);
  }
  ++statement.rows;
  Count(VerbOf(before, edit.value), EffectOn(edit.table, statement.tables).direct);
  work.images.push_back({.sequence = ++last_sequence_,
                         .time = clock_.Now().wall,
                         .table = edit.table,
                         .key = edit.key,
                         .before = before,
                         .after = edit.value,
                         .query = query});
}

absl::Status MemoryBench::RunStatements(const ports::RunOrder& order, ports::RunWatcher& watcher,
                                        Work& work) {
  int number = 0;
  for (const sql::Statement& each : order.statements) {
    watcher.Progress({.statement = ++number,
                      .statements = static_cast<int>(order.statements.size()),
                      .rows = static_cast<std::int64_t>(work.images.size())});
    if (watcher.Cancelled()) return absl::CancelledError("it was cancelled");
    const auto effect = effects_.find(each.text);
    if (effect == effects_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("statement ", number, " does not exist"));
    }
    if (!effect->second.fails.ok()) return effect->second.fails;
    change::StatementReport statement{.line = each.line,
                                      .kind = sql::KindWord(each.kind),
                                      .tag = each.tag,
                                      .text = each.text,
                                      .kept = effect->second.keeps};
    for (const RowEdit& edit : effect->second.edits) Edit(edit, each.text, statement, work);
    work.outcome.report.statements.push_back(std::move(statement));
    if (!effect->second.alters.empty()) absl::StrAppend(&work.schema, " ", effect->second.alters);
    if (!effect->second.keeps.empty()) {
      work.kept.push_back({.what = effect->second.keeps, .time = clock_.Now().wall, .touched = ""});
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryBench::RunUndo(const ports::Preparation& preparation, Work& work) {
  const auto images = images_.find(*preparation.undo_of);
  if (images == images_.end()) {
    return core::Refuse(core::Reason::kNothingToUndo, "there are no images of what was done");
  }
  change::StatementReport statement{.kind = "undo", .tag = "UNDO"};
  const std::vector<Image> taken(images->second.rbegin(), images->second.rend());
  for (const Image& image : taken) {
    if (preparation.since.has_value() && image.time < *preparation.since) continue;
    const auto& table = work.tables[image.table];
    const auto found = table.find(image.key);
    const std::optional<std::string> now =
        found == table.end() ? std::nullopt : std::optional(found->second);
    if (now != image.after) {
      work.outcome.report.conflicts.push_back(
          {.table = image.table, .key = image.key, .what = "the row was changed since"});
      if (preparation.on_conflict != change::OnConflict::kOverwrite) continue;
    }
    Edit({image.table, image.key, image.before}, "undo", statement, work);
  }
  work.outcome.report.statements.push_back(std::move(statement));
  if (!work.outcome.report.conflicts.empty() &&
      preparation.on_conflict == change::OnConflict::kRefuse) {
    return absl::FailedPreconditionError("rows were changed since");
  }
  return absl::OkStatus();
}

void MemoryBench::Summarise(const ports::RunOrder& order, Work& work) const {
  change::Report& report = work.outcome.report;
  for (const Image& image : work.images) {
    Count(VerbOf(image.before, image.after), EffectOn(image.table, report.tables).direct);
    const auto [schema, table] = SchemaAndTable(image.table);
    if (static_cast<int>(report.samples.size()) < order.samples) {
      report.samples.push_back({.schema = schema,
                                .table = table,
                                .verb = VerbOf(image.before, image.after),
                                .cells = {{"value", image.before, image.after}}});
    }
  }
  std::sort(report.tables.begin(), report.tables.end(),
            [](const change::TableEffect& a, const change::TableEffect& b) {
              return std::pair(a.schema, a.table) < std::pair(b.schema, b.table);
            });
}

absl::StatusOr<ports::RunOutcome> MemoryBench::Run(const ports::RunOrder& order,
                                                   ports::RunWatcher& watcher) {
  const std::lock_guard<std::mutex> held(mutex_);
  const std::optional<Trouble> trouble = Enter(Verb::kRun);
  if (trouble == Trouble::kFailsBefore) return Unreachable();
  ++runs_;
  Work work{.login = order.login,
            .change = order.change,
            .tables = tables_,
            .images = {},
            .kept = {},
            .schema = schema_,
            .drops = std::nullopt,
            .outcome = {.schema_fingerprint = ledger::Sha256Hex(schema_),
                        .system_identifier = "7000000000000000001"}};
  ports::RunOutcome& outcome = work.outcome;
  outcome.why = CheckMayRun(order);
  if (!outcome.why.ok()) return outcome;
  const ports::Preparation& preparation = preparations_.at(order.login);
  switch (order.purpose) {
    case policy::Purpose::kScript:
      outcome.why = RunStatements(order, watcher, work);
      break;
    case policy::Purpose::kUnrehearsed:
      if (order.end == ports::RunEnd::kRollBack) {
        outcome.report.not_rehearsed.emplace_back("it cannot run in a transaction");
      } else {
        outcome.why = RunStatements(order, watcher, work);
      }
      break;
    case policy::Purpose::kUndo:
      outcome.why = RunUndo(preparation, work);
      break;
    case policy::Purpose::kDropForGood:
      work.drops = preparation.drop_of;
      break;
  }
  Summarise(order, work);
  if (outcome.why.ok() && static_cast<std::int64_t>(work.images.size()) > preparation.rows_max) {
    outcome.why = absl::FailedPreconditionError("it changes more rows than the rule allows");
  }
  if (!outcome.why.ok() || order.end == ports::RunEnd::kRollBack) return outcome;
  outcome.why = watcher.MayCommit(outcome.report, outcome.schema_fingerprint);
  if (!outcome.why.ok()) return outcome;
  if (trouble == Trouble::kCommitsLater) {
    in_flight_.push_back(std::move(work));
    return Unknown();
  }
  Commit(work);
  if (trouble == Trouble::kFailsAfter) return Unknown();
  outcome.end = ports::RunEnd::kCommit;
  return outcome;
}

void MemoryBench::Commit(const Work& work) {
  for (const Image& image : work.images) {
    if (image.after.has_value()) {
      tables_[image.table][image.key] = *image.after;
    } else {
      tables_[image.table].erase(image.key);
    }
  }
  schema_ = work.schema;
  if (!work.images.empty()) images_.insert_or_assign(work.login, work.images);
  if (!work.kept.empty()) kept_.insert_or_assign(work.change, work.kept);
  if (work.drops.has_value()) kept_.erase(*work.drops);
  ++commits_[work.change];
}

absl::StatusOr<ports::ExecutionState> MemoryBench::Look(const core::ChangeId& change) {
  const std::lock_guard<std::mutex> held(mutex_);
  if (Enter(Verb::kLook).has_value()) return Unreachable();
  return commits_.contains(change) ? ports::ExecutionState::kCommitted
                                   : ports::ExecutionState::kAbsent;
}

absl::StatusOr<std::string> MemoryBench::SchemaFingerprint() {
  const std::lock_guard<std::mutex> held(mutex_);
  if (Enter(Verb::kSchemaFingerprint).has_value()) return Unreachable();
  return ledger::Sha256Hex(schema_);
}

absl::StatusOr<std::vector<ports::RowChange>> MemoryBench::RowChanges(const core::LoginName& login,
                                                                      std::int64_t after,
                                                                      int limit) {
  const std::lock_guard<std::mutex> held(mutex_);
  std::vector<ports::RowChange> changes;
  const auto found = images_.find(login);
  if (found == images_.end()) return changes;
  for (const Image& image : found->second) {
    if (image.sequence <= after || static_cast<int>(changes.size()) == limit) continue;
    const auto [schema, table] = SchemaAndTable(image.table);
    changes.push_back({.sequence = image.sequence,
                       .time = image.time,
                       .schema = schema,
                       .table = table,
                       .verb = VerbOf(image.before, image.after),
                       .rows = 1,
                       .cause = "statement",
                       .query = image.query});
  }
  return changes;
}

absl::StatusOr<std::vector<change::Sample>> MemoryBench::RowsOf(
    const core::LoginName& login, std::int64_t sequence, int limit,
    const std::set<std::string>& masked) {
  const std::lock_guard<std::mutex> held(mutex_);
  std::vector<change::Sample> samples;
  const auto found = images_.find(login);
  if (found == images_.end()) return samples;
  for (const Image& image : found->second) {
    if (image.sequence != sequence || static_cast<int>(samples.size()) == limit) continue;
    const auto [schema, table] = SchemaAndTable(image.table);
    change::Sample sample{
        .schema = schema, .table = table, .verb = VerbOf(image.before, image.after), .cells = {}};
    if (!masked.contains(absl::StrCat(image.table, ".value"))) {
      sample.cells.push_back({"value", image.before, image.after});
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

absl::StatusOr<std::vector<ports::Kept>> MemoryBench::KeptBy(const core::ChangeId& change) {
  const std::lock_guard<std::mutex> held(mutex_);
  const auto found = kept_.find(change);
  return found == kept_.end() ? std::vector<ports::Kept>{} : found->second;
}

absl::StatusOr<std::int64_t> MemoryBench::ForgetImages(absl::Time before) {
  const std::lock_guard<std::mutex> held(mutex_);
  forgotten_before_ = before;
  return static_cast<std::int64_t>(std::erase_if(images_, [&](const auto& each) {
    return std::all_of(each.second.begin(), each.second.end(),
                       [&](const Image& image) { return image.time < before; });
  }));
}

}  // namespace jit::testing
