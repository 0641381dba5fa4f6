#include "client/approve/statement.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/ledger/merkle.h"
#include "client/approve/residue_statement.h"
#include "client/approve/statement_text.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::approve {
namespace {

using console::Visible;
using ledger::Json;

constexpr std::int64_t kKnownVersion = 1;
constexpr std::int64_t kVersionNamingTables = 2;

// Whether it names tables if, and only if, its version does.
bool NamesTables(const Json& fields, std::int64_t version) {
  const auto tables = fields.find("keyless");
  if (version == kKnownVersion) return tables == fields.end();
  return tables != fields.end() && tables->is_array() && !tables->empty() &&
         std::all_of(tables->begin(), tables->end(),
                     [](const Json& each) { return each.is_string(); });
}

absl::Status CheckFields(const Json& fields) {
  if (!fields.is_object()) return Broken("is not an object");
  const auto version = fields.find("version");
  if (version == fields.end() || (*version != kKnownVersion && *version != kVersionNamingTables)) {
    return Broken("is of a version that this program does not know");
  }
  if (!NamesTables(fields, version->get<std::int64_t>())) {
    return Broken("does not say which tables without a primary key it is about");
  }
  for (const char* key :
       {"decision", "lease", "path", "reason", "requester", "reviewer", "role", "target"}) {
    if (!fields.contains(key) || !fields[key].is_string()) {
      return Broken(absl::StrCat("does not say `", key, "`"));
    }
  }
  if (IsAboutResidue(fields)) return CheckResidue(fields);
  if (!fields.contains("access") || !fields["access"].is_string()) {
    return Broken("does not say `access`");
  }
  if (!fields.contains("ttl_seconds") || !fields["ttl_seconds"].is_number_integer()) {
    return Broken("does not say `ttl_seconds`");
  }
  return absl::OkStatus();
}

std::string HowLong(const Json& fields) {
  return console::ExactDuration(absl::Seconds(fields["ttl_seconds"].get<std::int64_t>()));
}

// "shop.audit_log and shop.imports", or nothing.
std::string TablesText(const Json& fields) {
  std::vector<std::string> tables;
  for (const Json& each : fields.value("keyless", Json::array())) {
    tables.push_back(Visible(each.get<std::string>()));
  }
  return absl::StrJoin(tables, " and ");
}

console::Fields DecisionFields(const Json& fields) {
  const std::string path = TextAt(fields, "path");
  const std::string tables = TablesText(fields);
  return {
      {"decision", absl::AsciiStrToUpper(Visible(TextAt(fields, "decision")))},
      {"way", path == "ordinary"      ? "ordinary"
              : path == "break_glass" ? "BREAK-GLASS: it was opened without approval"
                                      : Visible(path)},
      {"who", Visible(TextAt(fields, "requester"))},
      {"what", RoleText(fields)},
      {"where", Visible(TextAt(fields, "target"))},
      {"how long", HowLong(fields)},
      {"NO UNDO", tables.empty() ? ""
                                 : absl::StrCat("changed rows of ", tables,
                                                " cannot be put back: no primary key")},
      {"lease", Visible(TextAt(fields, "lease"))},
      {"reviewer", absl::StrCat(Visible(TextAt(fields, "reviewer")), " (you)")},
      {"seats", SeatsText(fields)},
  };
}

// Whatever else is signed is shown as well, known to this program or not.
console::Fields OtherFields(const Json& fields) {
  static const std::set<std::string> shown = {
      "access",    "decision", "incident", "keyless", "lease",  "path",        "reason",
      "requester", "reviewer", "role",     "seats",   "target", "ttl_seconds", "version"};
  console::Fields others;
  for (const auto& [key, value] : fields.items()) {
    if (!shown.contains(key)) others.emplace_back(Visible(key), Plain(value));
  }
  return others;
}

}  // namespace

std::string DecisionWord(v1::Decision decision) {
  switch (static_cast<int>(decision)) {
    case v1::DECISION_APPROVE:
      return "approve";
    case v1::DECISION_DENY:
      return "deny";
    case v1::DECISION_ACCEPT:
      return "accept";
    case v1::DECISION_OBJECT:
      return "object";
    case v1::DECISION_ACCEPT_RESIDUE:
      return "accept_residue";
    default:
      return "unknown";
  }
}

absl::StatusOr<Statement> ReadStatement(const v1::GetStatementResponse& answer,
                                        absl::string_view lease_id, v1::Decision decision) {
  Statement statement = {
      .text = answer.statement(), .digest = ledger::Sha256Hex(answer.statement()), .fields = {}};
  if (statement.digest != answer.digest()) return Broken("does not have the digest it came with");
  absl::StatusOr<Json> fields = ledger::ParseCanonical(statement.text);
  if (!fields.ok()) return Broken("is not canonical JSON");
  absl::Status complete = CheckFields(*fields);
  if (!complete.ok()) return complete;
  if (TextAt(*fields, "lease") != std::string(lease_id)) return Broken("is about another lease");
  if (TextAt(*fields, "decision") != DecisionWord(decision)) {
    return Broken("is about another decision");
  }
  statement.fields = *std::move(fields);
  return statement;
}

void ShowStatement(const Statement& statement, const console::Sink& sink) {
  if (IsAboutResidue(statement.fields)) {
    ShowResidueStatement(statement, sink);
    return;
  }
  const Json& fields = statement.fields;
  std::ostream& stream = *sink.stream;
  console::PrintFields(sink, DecisionFields(fields));
  const std::string incident = TextAt(fields, "incident");
  if (!incident.empty()) {
    stream << "\nThe incident, in their words:\n";
    console::PrintQuoted(sink, incident);
  }
  stream << "\nWhy, in their words:\n";
  console::PrintQuoted(sink, TextAt(fields, "reason"));
  stream << "\nSigned along with it:\n";
  console::PrintFields(sink, OtherFields(fields));
  const std::string tables = TablesText(fields);
  const std::string summary =
      absl::StrCat(absl::AsciiStrToUpper(Visible(TextAt(fields, "decision"))), ": ",
                   Visible(TextAt(fields, "requester")), " as ", RoleText(fields), " on ",
                   Visible(TextAt(fields, "target")), " for ", HowLong(fields),
                   tables.empty() ? "" : absl::StrCat(", NO UNDO for ", tables));
  stream << '\n'
         << console::Styled(sink, console::Style::kBold, summary) << '\n'
         << "digest " << statement.digest << '\n';
}

}  // namespace jit::approve
