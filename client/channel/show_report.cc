#include "client/channel/show_report.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/channel/change_json.h"
#include "client/channel/proto_time.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::channel {
namespace {

using console::Sink;
using console::Style;
using console::Styled;
using console::Visible;

std::string Mark(const Sink& sink, v1::Finding::Severity severity) {
  switch (static_cast<int>(severity)) {
    case v1::Finding::SEVERITY_REFUSED:
      return Styled(sink, Style::kAlarm, "xx refused");
    case v1::Finding::SEVERITY_DANGER:
      return Styled(sink, Style::kRed, "!! danger ");
    case v1::Finding::SEVERITY_WARNING:
      return Styled(sink, Style::kYellow, " ! warning");
    case v1::Finding::SEVERITY_NOTE:
      return Styled(sink, Style::kFaint, " . note   ");
    default:
      return "?? unknown";
  }
}

// A sentence under its mark, broken at the sink's width.
void PrintUnder(const Sink& sink, absl::string_view first, absl::string_view sentence, int indent) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  bool begun = false;
  for (const std::string& line : console::Wrap(sentence, std::max(20, sink.width - indent))) {
    *sink.stream << (begun ? margin : std::string(first)) << line << '\n';
    begun = true;
  }
}

void PrintFinding(const Sink& sink, const v1::Finding& finding) {
  constexpr int kIndent = 16;
  PrintUnder(sink, absl::StrCat("    ", Mark(sink, finding.severity()), "  "),
             absl::StrCat("line ", finding.line(), ", ", Visible(finding.code()), ": ",
                          console::VisibleOnce(finding.why())),
             kIndent);
}

std::string VerbsText(const v1::RowCounts& counts) {
  std::vector<std::string> parts;
  const auto add = [&](std::int64_t count, const char* verb) {
    if (count != 0) parts.push_back(absl::StrCat(CountText(count), " ", verb));
  };
  add(counts.inserted(), "inserted");
  add(counts.updated(), "updated");
  add(counts.deleted(), "deleted");
  return parts.empty() ? "-" : absl::StrJoin(parts, ", ");
}

std::string NameOf(const std::string& schema, const std::string& table) {
  return schema.empty() ? Visible(table) : absl::StrCat(Visible(schema), ".", Visible(table));
}

std::string Remarks(const v1::TableEffect& table) {
  std::vector<std::string> remarks;
  if (table.rows_estimate() > 0) {
    remarks.push_back(absl::StrCat("of about ", CountText(table.rows_estimate())));
  }
  if (!table.has_key()) remarks.emplace_back("NO PRIMARY KEY");
  if (!table.guarded()) remarks.emplace_back("NO IMAGES: CANNOT BE TAKEN BACK");
  return remarks.empty() ? "-" : absl::StrJoin(remarks, "; ");
}

bool SameEffects(const v1::ChangeReport& report, const v1::StatementReport& statement) {
  return report.statements_size() == 1 && statement.tables_size() == report.tables_size();
}

// The statement as its author laid it out; the script has the rest of a long one.
void PrintStatementText(const Sink& sink, const std::string& text) {
  constexpr std::size_t kLinesMax = 12;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (std::size_t i = 0; i < std::min(lines.size(), kLinesMax); ++i) {
    PrintUnder(sink, "    ", Visible(lines[i]), 4);
  }
  if (lines.size() > kLinesMax) {
    *sink.stream << "    ... " << lines.size() - kLinesMax << " lines more\n";
  }
}

void PrintStatement(const Sink& sink, const v1::ChangeReport& report, int number) {
  const v1::StatementReport& statement = report.statements(number - 1);
  std::string line =
      absl::StrCat("  ", number, ". line ", statement.line(), "  ",
                   Visible(statement.tag().empty() ? statement.kind() : statement.tag()));
  absl::StrAppend(&line, ", ", RowsText(statement.rows()), ", ", ElapsedText(statement.elapsed()));
  if (statement.has_plan_cost()) {
    absl::StrAppend(&line, ", plan cost ", CountText(statement.plan_cost()));
  }
  *sink.stream << Styled(sink, Style::kBold, line) << '\n';
  PrintStatementText(sink, statement.text());
  // One statement alone has the same effects as the whole, which come right below.
  if (!SameEffects(report, statement)) {
    for (const v1::TableEffect& table : statement.tables()) {
      std::string text =
          absl::StrCat(NameOf(table.schema(), table.table()), ": ", VerbsText(table.direct()));
      const std::string cascaded = VerbsText(table.cascaded());
      const std::string triggered = VerbsText(table.triggered());
      if (cascaded != "-") absl::StrAppend(&text, "; by cascade ", cascaded);
      if (triggered != "-") absl::StrAppend(&text, "; by trigger ", triggered);
      PrintUnder(sink, "      ", text, 6);
    }
  }
  for (const v1::Finding& finding : statement.findings()) PrintFinding(sink, finding);
  if (!statement.kept().empty()) {
    PrintUnder(sink, "    kept        ", console::VisibleOnce(statement.kept()), 16);
  }
}

void PrintTables(const Sink& sink, const v1::ChangeReport& report) {
  if (report.tables().empty()) return;
  PrintHeading(sink, "Rows per table");
  console::Table table({"TABLE", "BY THE SCRIPT", "BY CASCADE", "BY TRIGGER", "REMARKS"});
  for (const v1::TableEffect& effect : report.tables()) {
    table.Add({NameOf(effect.schema(), effect.table()), VerbsText(effect.direct()),
               VerbsText(effect.cascaded()), VerbsText(effect.triggered()), Remarks(effect)});
  }
  table.Print(sink);
}

void PrintLocks(const Sink& sink, const v1::ChangeReport& report) {
  if (report.locks().empty()) return;
  PrintHeading(sink, "Locks");
  console::Table table({"ON", "MODE", "HELD FOR"});
  for (const v1::LockTaken& lock : report.locks()) {
    table.Add({Visible(lock.object()), Visible(lock.mode()), ElapsedText(lock.held())});
  }
  table.Print(sink);
}

void PrintObjects(const Sink& sink, const v1::ChangeReport& report) {
  if (report.objects().empty()) return;
  PrintHeading(sink, "Objects of the schema");
  console::Table table({"WHAT", "KIND", "NAME"});
  for (const v1::ObjectEffect& object : report.objects()) {
    table.Add({EnumWord(*v1::ObjectEffect::What_descriptor(), object.what()),
               Visible(object.kind()), Visible(object.name())});
  }
  table.Print(sink);
}

void PrintConflicts(const Sink& sink, const v1::ChangeReport& report) {
  if (report.conflicts().empty()) return;
  PrintHeading(sink, "Conflicts: what stands in the way");
  console::Table table({"TABLE", "KEY", "WHAT"});
  for (const v1::UndoConflict& conflict : report.conflicts()) {
    table.Add({Visible(conflict.table()), Visible(conflict.key()),
               console::VisibleOnce(conflict.what())});
  }
  table.Print(sink);
}

void PrintSentences(const Sink& sink, const char* heading,
                    const google::protobuf::RepeatedPtrField<std::string>& sentences) {
  if (sentences.empty()) return;
  PrintHeading(sink, heading);
  for (const std::string& sentence : sentences) {
    PrintUnder(sink, "  - ", console::VisibleOnce(sentence), 4);
  }
}

// A value that cannot be taken for a missing one.
std::string CellText(bool present, const std::string& value) {
  if (!present) return "NULL";
  if (value.empty() || value == "NULL" || value[0] == '\'') {
    return absl::StrCat("'", Visible(value), "'");
  }
  return Visible(value);
}

}  // namespace

void PrintHeading(const Sink& sink, absl::string_view heading) {
  *sink.stream << '\n' << Styled(sink, Style::kBold, heading) << '\n';
}

void PrintFindings(const Sink& sink,
                   const google::protobuf::RepeatedPtrField<v1::Finding>& findings) {
  if (findings.empty()) return;
  const bool refused = std::any_of(findings.begin(), findings.end(), [](const v1::Finding& each) {
    return each.severity() == v1::Finding::SEVERITY_REFUSED;
  });
  PrintHeading(sink, refused ? "Refused before it ran" : "What was found in the script");
  for (const v1::Finding& finding : findings) PrintFinding(sink, finding);
}

void PrintRow(const Sink& sink, const v1::RowSample& row) {
  *sink.stream << "  " << NameOf(row.schema(), row.table()) << ", "
               << EnumWord(*v1::RowSample::Verb_descriptor(), row.verb()) << '\n';
  int width = 0;
  for (const v1::RowCell& cell : row.cells()) {
    width = std::max(width, console::WidthOf(Visible(cell.column())));
  }
  for (const v1::RowCell& cell : row.cells()) {
    std::string column = Visible(cell.column());
    column.append(static_cast<std::size_t>(width - console::WidthOf(column)), ' ');
    const std::string before =
        absl::StrCat(column, "  ", CellText(cell.has_before(), cell.before()));
    const std::string after = absl::StrCat(column, "  ", CellText(cell.has_after(), cell.after()));
    const bool was = row.verb() != v1::RowSample::VERB_INSERTED;
    const bool is = row.verb() != v1::RowSample::VERB_DELETED;
    if (was && is && before == after) {
      *sink.stream << "      " << before << '\n';
      continue;
    }
    if (was) {
      *sink.stream << "    " << Styled(sink, Style::kRed, absl::StrCat("- ", before)) << '\n';
    }
    if (is) {
      *sink.stream << "    " << Styled(sink, Style::kGreen, absl::StrCat("+ ", after)) << '\n';
    }
  }
}

void PrintScript(const Sink& sink, const std::string& script) {
  std::vector<std::string> lines = absl::StrSplit(script, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const std::size_t digits = std::max<std::size_t>(4, absl::StrCat(lines.size()).size());
  const int columns = std::max(20, sink.width - static_cast<int>(digits) - 3);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string visible = Visible(lines[i]);
    absl::string_view rest = visible;
    std::string number = absl::StrCat(i + 1);
    number.insert(0, digits - number.size(), ' ');
    do {
      const std::size_t taken = rest.empty() ? 0 : console::PrefixWithin(rest, columns);
      *sink.stream << Styled(sink, Style::kFaint, number) << " | " << rest.substr(0, taken) << '\n';
      rest.remove_prefix(taken);
      number.assign(digits, ' ');
    } while (!rest.empty());
  }
}

void PrintReport(const Sink& sink, const v1::ChangeReport& report) {
  if (!report.statements().empty()) {
    PrintHeading(sink, absl::StrCat("Statements, ", ElapsedText(report.elapsed()), " in all"));
    for (int i = 1; i <= report.statements_size(); ++i) PrintStatement(sink, report, i);
  }
  PrintTables(sink, report);
  if (!report.samples().empty()) PrintHeading(sink, "Rows before and after, some of them");
  for (const v1::RowSample& row : report.samples()) PrintRow(sink, row);
  PrintObjects(sink, report);
  PrintLocks(sink, report);
  PrintConflicts(sink, report);
  PrintSentences(sink, "Could not be rehearsed", report.not_rehearsed());
  PrintSentences(sink, "Undo will not bring back", report.undo_cannot());
  if (report.cut()) {
    PrintHeading(sink, "More than one answer holds: some of this was left out");
  }
}

std::string CountText(std::int64_t count) {
  std::string digits = absl::StrCat(count);
  const int first = count < 0 ? 1 : 0;
  for (int at = static_cast<int>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string RowsText(std::int64_t count) {
  return absl::StrCat(CountText(count), count == 1 ? " row" : " rows");
}

std::string ElapsedText(const google::protobuf::Duration& duration) {
  const absl::Duration elapsed = ToDuration(duration);
  if (elapsed < absl::Milliseconds(1)) return "under 1 ms";
  if (elapsed < absl::Seconds(1)) {
    return absl::StrCat(absl::ToInt64Milliseconds(elapsed), " ms");
  }
  if (elapsed < absl::Minutes(1)) {
    return absl::StrFormat("%.1f s", absl::ToDoubleSeconds(elapsed));
  }
  return console::RoughDuration(elapsed);
}

}  // namespace jit::channel
