#include "client/approve/change_statement.h"

#include <cstdint>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/ledger/merkle.h"
#include "client/approve/statement_text.h"
#include "client/channel/change_json.h"
#include "client/channel/show_report.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::approve {
namespace {

using console::Visible;
using ledger::Json;

constexpr std::int64_t kKnownVersion = 1;

absl::Status CheckFields(const Json& fields) {
  if (!fields.is_object()) return Broken("is not an object");
  const auto version = fields.find("version");
  if (version == fields.end() || *version != kKnownVersion) {
    return Broken("is of a version that this program does not know");
  }
  for (const char* key : {"access", "change", "decision", "purpose", "reason", "report_digest",
                          "requester", "reviewer", "role", "script", "script_digest", "target"}) {
    if (!fields.contains(key) || !fields[key].is_string()) {
      return Broken(absl::StrCat("does not say `", key, "`"));
    }
  }
  if (!fields.contains("expected") || !fields["expected"].is_array()) {
    return Broken("does not say `expected`");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ChangeReport> ReportIn(const Json& fields) {
  if (!fields.contains("report")) return Broken("does not say `report`");
  v1::ChangeReport report;
  Json whole = fields["report"];
  // Of an answer it says whether something was left out; what is signed is never cut.
  if (whole.is_object() && !whole.contains("cut")) whole["cut"] = false;
  const absl::Status read = channel::MessageFromJson(whole, report);
  if (!read.ok()) return Broken(absl::StrCat("has a report that ", read.message()));
  return report;
}

absl::Status CheckDigests(const Json& fields) {
  const std::string script = TextAt(fields, "script");
  const std::string digest = TextAt(fields, "script_digest");
  // An undo has no script.
  if (!(script.empty() && digest.empty()) && ledger::Sha256Hex(script) != digest) {
    return Broken("has a script with another digest than it says");
  }
  const absl::StatusOr<std::string> report = ledger::CanonicalBytes(fields["report"]);
  if (!report.ok() || ledger::Sha256Hex(*report) != TextAt(fields, "report_digest")) {
    return Broken("has a report with another digest than it says");
  }
  return absl::OkStatus();
}

// "shop.orders.updated = 1..5", as it is written on the command line.
std::string ExpectationText(const Json& each) {
  if (!each.is_object() || !each.contains("least") || !each.contains("most")) return Plain(each);
  static const std::set<std::string> known = {"least",     "most",  "schema",
                                              "statement", "table", "verb"};
  for (const auto& [key, value] : each.items()) {
    if (!known.contains(key)) return Plain(each);
  }
  std::string subject;
  const std::string table = TextAt(each, "table");
  if (table.empty()) {
    subject = absl::StrCat("#", each.contains("statement") ? Plain(each["statement"]) : "?");
  } else {
    const std::string schema = TextAt(each, "schema");
    const std::string verb = TextAt(each, "verb");
    subject = absl::StrCat(schema.empty() ? "" : absl::StrCat(Visible(schema), "."), Visible(table),
                           verb == "any" ? "" : absl::StrCat(".", Visible(verb)));
  }
  const std::string least = Plain(each["least"]);
  const std::string most = Plain(each["most"]);
  return absl::StrCat(subject, "=", least, least == most ? "" : absl::StrCat("..", most));
}

std::string PurposeWord(const Json& fields) {
  const std::string purpose = TextAt(fields, "purpose");
  if (purpose == "drop_for_good") return "DROP FOR GOOD: there is no undo";
  if (purpose == "unrehearsed") return "UNREHEARSED: it cannot be rolled back";
  return Visible(purpose);
}

std::string SubjectText(const Json& fields) {
  if (!fields.contains("subject") || !fields["subject"].is_object()) return "";
  std::vector<std::string> parts;
  const Json& subject = fields["subject"];
  const bool none =
      subject.value("change", Json()).is_null() && subject.value("lease", Json()).is_null();
  for (const auto& [key, value] : subject.items()) {
    if (value.is_null() || (value.is_array() && value.empty())) continue;
    // Of a script it says nothing but what an undo would do by itself.
    if (none && key == "on_conflict" && value == "refuse") continue;
    parts.push_back(absl::StrCat(Visible(key), " ", Plain(value)));
  }
  return absl::StrJoin(parts, ", ");
}

console::Fields DecisionFields(const Json& fields) {
  return {
      {"decision", absl::AsciiStrToUpper(Visible(TextAt(fields, "decision")))},
      {"what", PurposeWord(fields)},
      {"of", SubjectText(fields)},
      {"who", Visible(TextAt(fields, "requester"))},
      {"role", RoleText(fields)},
      {"runs as", Visible(TextAt(fields, "owner"))},
      {"where", Visible(TextAt(fields, "target"))},
      {"change", Visible(TextAt(fields, "change"))},
      {"reviewer", absl::StrCat(Visible(TextAt(fields, "reviewer")), " (you)")},
      {"seats", SeatsText(fields)},
  };
}

// Whatever else is signed is shown as well, known to this program or not.
console::Fields OtherFields(const Json& fields) {
  static const std::set<std::string> shown = {
      "change",    "decision", "expected", "images_kept_seconds",
      "owner",     "purpose",  "reason",   "report",
      "requester", "access",   "reviewer", "role",
      "script",    "seats",    "subject",  "target",
      "version"};
  console::Fields others;
  for (const auto& [key, value] : fields.items()) {
    if (!shown.contains(key)) others.emplace_back(Visible(key), Plain(value));
  }
  return others;
}

void ShowUndo(const Json& fields, const v1::ChangeReport& report, const console::Sink& sink) {
  channel::PrintHeading(sink, "Undo");
  std::ostream& stream = *sink.stream;
  if (TextAt(fields, "purpose") == "drop_for_good") {
    stream << "  Cannot be taken back.\n";
    return;
  }
  const auto kept = fields.find("images_kept_seconds");
  const bool known = kept != fields.end() && kept->is_number_integer();
  stream << "  Rows and kept things can be taken back for "
         << (known ? console::ExactDuration(absl::Seconds(kept->get<std::int64_t>()))
                   : std::string("an unknown time"))
         << " after it is applied"
         << (report.undo_cannot().empty() ? ".\n" : ", except as said above.\n");
}

}  // namespace

absl::StatusOr<Statement> ReadChangeStatement(const v1::GetChangeStatementResponse& answer,
                                              absl::string_view change_id, v1::Decision decision) {
  Statement statement = {
      .text = answer.statement(), .digest = ledger::Sha256Hex(answer.statement()), .fields = {}};
  if (statement.digest != answer.digest()) return Broken("does not have the digest it came with");
  absl::StatusOr<Json> fields = ledger::ParseCanonical(statement.text);
  if (!fields.ok()) return Broken("is not canonical JSON");
  absl::Status complete = CheckFields(*fields);
  if (!complete.ok()) return complete;
  const absl::StatusOr<v1::ChangeReport> report = ReportIn(*fields);
  if (!report.ok()) return report.status();
  absl::Status digests = CheckDigests(*fields);
  if (!digests.ok()) return digests;
  if (TextAt(*fields, "change") != std::string(change_id)) return Broken("is about another change");
  if (TextAt(*fields, "decision") != DecisionWord(decision)) {
    return Broken("is about another decision");
  }
  statement.fields = *std::move(fields);
  return statement;
}

void ShowChangeStatement(const Statement& statement, const console::Sink& sink) {
  const Json& fields = statement.fields;
  std::ostream& stream = *sink.stream;
  console::PrintFields(sink, DecisionFields(fields));
  channel::PrintHeading(sink, "Why, in their words");
  console::PrintQuoted(sink, TextAt(fields, "reason"));
  const std::string script = TextAt(fields, "script");
  if (!script.empty()) {
    channel::PrintHeading(sink, "The script, as it will run");
    channel::PrintScript(sink, script);
  }
  const absl::StatusOr<v1::ChangeReport> report = ReportIn(fields);
  if (report.ok()) {
    channel::PrintReport(sink, *report);
    channel::PrintHeading(sink, "Commits only if");
    for (const Json& each : fields["expected"]) stream << "  " << ExpectationText(each) << '\n';
    if (fields["expected"].empty()) stream << "  (nothing is expected)\n";
    ShowUndo(fields, *report, sink);
  }
  channel::PrintHeading(sink, "Signed along with it");
  console::PrintFields(sink, OtherFields(fields));
  stream << '\n';
  ShowChangeSummary(statement, sink);
}

void ShowChangeSummary(const Statement& statement, const console::Sink& sink) {
  const Json& fields = statement.fields;
  const std::string summary =
      absl::StrCat(absl::AsciiStrToUpper(Visible(TextAt(fields, "decision"))), ": ",
                   PurposeWord(fields), " by ", Visible(TextAt(fields, "requester")), " as ",
                   RoleText(fields), " on ", Visible(TextAt(fields, "target")));
  *sink.stream << console::Styled(sink, console::Style::kBold, summary) << '\n'
               << "digest " << statement.digest << '\n';
}

}  // namespace jit::approve
