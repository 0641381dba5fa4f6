#include "broker/target_postgres/run_words.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/pq/sqlstate.h"

namespace jit::target_postgres {

change::StatementReport ReadingOf(const sql::Statement& statement) {
  change::StatementReport report;
  report.line = statement.line;
  report.kind = sql::KindWord(statement.kind);
  report.tag = statement.tag;
  report.text = statement.text;
  return report;
}

void TellOf(const sql::Statement& statement, change::Report& report) {
  for (const sql::Finding& finding : statement.findings) {
    const std::string what = absl::StrCat("line ", finding.line, ": ", finding.why);
    if (finding.code == "not_rolled_back" || finding.code == "dangerous_function") {
      report.not_rehearsed.push_back(what);
      report.undo_cannot.push_back(what);
    }
    if (finding.code == "listen_notify") report.not_rehearsed.push_back(what);
    if (finding.code == "sequence_reset") report.undo_cannot.push_back(what);
  }
}

bool Defers(const sql::Statement& statement) {
  return statement.tag == "SET CONSTRAINTS" &&
         absl::StrContains(absl::AsciiStrToLower(statement.text), "deferred");
}

std::string DoubtText(absl::string_view kind, absl::string_view table, absl::string_view key) {
  if (kind == "own_key") {
    return absl::StrCat("keys of ", table, " that were changed: ", key,
                        " refers to the table itself, so undo may refuse the whole change");
  }
  return absl::StrCat("keys of ", table, " that went and came again: ", key,
                      " is deferred, so undo may refuse the whole change");
}

change::Sample::Verb VerbOf(absl::string_view op) {
  if (op == "I") return change::Sample::Verb::kInserted;
  if (op == "D") return change::Sample::Verb::kDeleted;
  return change::Sample::Verb::kUpdated;
}

std::vector<change::Sample> SamplesOf(const pq::Result& cells) {
  std::vector<change::Sample> samples;
  const auto value = [&](int row, int column) -> std::optional<std::string> {
    if (cells.IsNull(row, column)) return std::nullopt;
    return std::string(cells.Text(row, column));
  };
  std::optional<std::int64_t> number;
  for (int row = 0; row < cells.rows(); ++row) {
    if (samples.empty() || cells.Integer(row, 0) != number) {
      number = cells.Integer(row, 0);
      samples.push_back({.schema = std::string(cells.Text(row, 1)),
                         .table = std::string(cells.Text(row, 2)),
                         .verb = VerbOf(cells.Text(row, 3)),
                         .cells = {}});
    }
    samples.back().cells.push_back({std::string(cells.Text(row, 4)), value(row, 5), value(row, 6)});
  }
  return samples;
}

std::optional<std::int64_t> CostOf(absl::string_view plan) {
  constexpr absl::string_view kKey = "\"Total Cost\":";
  const std::size_t at = plan.find(kKey);  // the first is the whole plan's
  if (at == absl::string_view::npos) return std::nullopt;
  absl::string_view rest = plan.substr(at + kKey.size());
  double cost = 0;
  if (!absl::SimpleAtod(rest.substr(0, rest.find_first_of(",\n}")), &cost)) return std::nullopt;
  return std::llround(cost);
}

absl::Status WithRemarks(const absl::Status& failed, const RunSession& session) {
  if (pq::SqlStateOf(failed).empty()) return failed;
  return absl::Status(failed.code(), absl::StrCat(failed.message(), session.Remarks()));
}

}  // namespace jit::target_postgres
