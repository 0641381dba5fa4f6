#include "broker/records/report_shapes.h"

#include <initializer_list>
#include <utility>

#include "broker/ledger/merkle.h"
#include "broker/records/fields.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

using change::Cell;
using change::Conflict;
using change::Expectation;
using change::Finding;
using change::LockTaken;
using change::Miss;
using change::ObjectEffect;
using change::Report;
using change::RowCounts;
using change::Sample;
using change::Severity;
using change::StatementReport;
using change::TableEffect;
using change::Verb;
using ledger::Json;

template <class Value, class Word>
std::optional<Value> FromWord(std::initializer_list<Value> values, const Word& word_of,
                              const std::string& word) {
  for (const Value value : values) {
    if (word_of(value) == word) {
      return value;
    }
  }
  return std::nullopt;
}

// A list of one shape, there and back.
template <class Each, class ToJson>
Json ListToJson(const std::vector<Each>& list, const ToJson& to_json) {
  Json json = Json::array();
  for (const Each& each : list) {
    json.push_back(to_json(each));
  }
  return json;
}

template <class FromJson>
auto ListFromJson(const Json& json, const FromJson& from_json) {
  std::vector<decltype(from_json(json))> list;
  for (const Json& each : ListIn(json)) {
    list.push_back(from_json(each));
  }
  return list;
}

Json TextToJson(const std::string& text) {
  return Json(text);
}
std::string TextFromJson(const Json& json) {
  const std::string* text = json.get_ptr<const std::string*>();
  if (text == nullptr) {
    throw Mismatch("a string was expected");
  }
  return *text;
}

Json OptionalTextToJson(const std::optional<std::string>& text) {
  return text.has_value() ? Json(*text) : Json();
}
std::optional<std::string> OptionalTextFromJson(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(TextFromJson(json));
}

std::optional<Severity> SeverityFromWord(const std::string& word) {
  return FromWord({Severity::kNote, Severity::kWarning, Severity::kDanger, Severity::kRefused},
                  SeverityWord, word);
}

std::string VerbWord(Verb verb) {
  switch (verb) {
    case Verb::kAny:
      return "any";
    case Verb::kInserted:
      return "inserted";
    case Verb::kUpdated:
      return "updated";
    case Verb::kDeleted:
      return "deleted";
  }
  return "";
}

std::optional<Verb> VerbFromWord(const std::string& word) {
  return FromWord({Verb::kAny, Verb::kInserted, Verb::kUpdated, Verb::kDeleted}, VerbWord, word);
}

std::string SampleVerbWord(Sample::Verb verb) {
  switch (verb) {
    case Sample::Verb::kInserted:
      return "inserted";
    case Sample::Verb::kUpdated:
      return "updated";
    case Sample::Verb::kDeleted:
      return "deleted";
  }
  return "";
}

std::optional<Sample::Verb> SampleVerbFromWord(const std::string& word) {
  using Of = Sample::Verb;
  return FromWord({Of::kInserted, Of::kUpdated, Of::kDeleted}, SampleVerbWord, word);
}

std::string WhatWord(ObjectEffect::What what) {
  switch (what) {
    case ObjectEffect::What::kCreated:
      return "created";
    case ObjectEffect::What::kAltered:
      return "altered";
    case ObjectEffect::What::kDestroyed:
      return "destroyed";
  }
  return "";
}

std::optional<ObjectEffect::What> WhatFromWord(const std::string& word) {
  using What = ObjectEffect::What;
  return FromWord({What::kCreated, What::kAltered, What::kDestroyed}, WhatWord, word);
}

Json CountsToJson(const RowCounts& counts) {
  return Json{
      {"deleted", counts.deleted}, {"inserted", counts.inserted}, {"updated", counts.updated}};
}
RowCounts CountsFromJson(const Json& json) {
  Fields fields(json);
  RowCounts counts{.inserted = fields.Integer("inserted"),
                   .updated = fields.Integer("updated"),
                   .deleted = fields.Integer("deleted")};
  fields.Finish();
  return counts;
}

Json TableToJson(const TableEffect& table) {
  return Json{{"cascaded", CountsToJson(table.cascaded)},
              {"direct", CountsToJson(table.direct)},
              {"guarded", table.guarded},
              {"has_key", table.has_key},
              {"rows_estimate", table.rows_estimate},
              {"schema", table.schema},
              {"table", table.table},
              {"triggered", CountsToJson(table.triggered)}};
}
TableEffect TableFromJson(const Json& json) {
  Fields fields(json);
  TableEffect table{.schema = fields.Text("schema"),
                    .table = fields.Text("table"),
                    .direct = CountsFromJson(fields.Any("direct")),
                    .cascaded = CountsFromJson(fields.Any("cascaded")),
                    .triggered = CountsFromJson(fields.Any("triggered")),
                    .guarded = fields.Flag("guarded"),
                    .has_key = fields.Flag("has_key"),
                    .rows_estimate = fields.Integer("rows_estimate")};
  fields.Finish();
  return table;
}

Json FindingToJson(const Finding& finding) {
  return Json{{"code", finding.code},
              {"line", finding.line},
              {"severity", SeverityWord(finding.severity)},
              {"why", finding.why}};
}
Finding FindingFromJson(const Json& json) {
  Fields fields(json);
  Finding finding{.code = fields.Text("code"),
                  .severity = fields.OneOf("severity", SeverityFromWord),
                  .line = fields.Int("line"),
                  .why = fields.Text("why")};
  fields.Finish();
  return finding;
}

Json StatementToJson(const StatementReport& statement) {
  return Json{{"elapsed_us", absl::ToInt64Microseconds(statement.elapsed)},
              {"findings", FindingsToJson(statement.findings)},
              {"kept", statement.kept},
              {"kind", statement.kind},
              {"line", statement.line},
              {"plan_cost", statement.plan_cost.has_value() ? Json(*statement.plan_cost) : Json()},
              {"rows", statement.rows},
              {"tables", ListToJson(statement.tables, TableToJson)},
              {"tag", statement.tag},
              {"text", statement.text}};
}
StatementReport StatementFromJson(const Json& json) {
  Fields fields(json);
  const bool has_cost = !fields.Any("plan_cost").is_null();
  StatementReport statement{
      .line = fields.Int("line"),
      .kind = fields.Text("kind"),
      .tag = fields.Text("tag"),
      .text = fields.Text("text"),
      .rows = fields.Integer("rows"),
      .elapsed = fields.Microseconds("elapsed_us"),
      .plan_cost = has_cost ? std::optional(fields.Integer("plan_cost")) : std::nullopt,
      .tables = ListFromJson(fields.Any("tables"), TableFromJson),
      .findings = FindingsFromJson(fields.Any("findings")),
      .kept = fields.Text("kept")};
  fields.Finish();
  return statement;
}

Json CellToJson(const Cell& cell) {
  return Json{{"after", OptionalTextToJson(cell.after)},
              {"before", OptionalTextToJson(cell.before)},
              {"column", cell.column}};
}
Cell CellFromJson(const Json& json) {
  Fields fields(json);
  Cell cell{.column = fields.Text("column"),
            .before = OptionalTextFromJson(fields.Any("before")),
            .after = OptionalTextFromJson(fields.Any("after"))};
  fields.Finish();
  return cell;
}

Json SampleToJson(const Sample& sample) {
  return Json{{"cells", ListToJson(sample.cells, CellToJson)},
              {"schema", sample.schema},
              {"table", sample.table},
              {"verb", SampleVerbWord(sample.verb)}};
}
Sample SampleFromJson(const Json& json) {
  Fields fields(json);
  Sample sample{.schema = fields.Text("schema"),
                .table = fields.Text("table"),
                .verb = fields.OneOf("verb", SampleVerbFromWord),
                .cells = ListFromJson(fields.Any("cells"), CellFromJson)};
  fields.Finish();
  return sample;
}

Json LockToJson(const LockTaken& lock) {
  return Json{{"held_us", absl::ToInt64Microseconds(lock.held)},
              {"mode", lock.mode},
              {"object", lock.object}};
}
LockTaken LockFromJson(const Json& json) {
  Fields fields(json);
  LockTaken lock{.object = fields.Text("object"),
                 .mode = fields.Text("mode"),
                 .held = fields.Microseconds("held_us")};
  fields.Finish();
  return lock;
}

Json ObjectToJson(const ObjectEffect& object) {
  return Json{{"kind", object.kind}, {"name", object.name}, {"what", WhatWord(object.what)}};
}
ObjectEffect ObjectFromJson(const Json& json) {
  Fields fields(json);
  ObjectEffect object{.what = fields.OneOf("what", WhatFromWord),
                      .kind = fields.Text("kind"),
                      .name = fields.Text("name")};
  fields.Finish();
  return object;
}

Json ConflictToJson(const Conflict& conflict) {
  return Json{{"key", conflict.key}, {"table", conflict.table}, {"what", conflict.what}};
}
Conflict ConflictFromJson(const Json& json) {
  Fields fields(json);
  Conflict conflict{
      .table = fields.Text("table"), .key = fields.Text("key"), .what = fields.Text("what")};
  fields.Finish();
  return conflict;
}

Json ExpectationToJson(const Expectation& expectation) {
  return Json{{"least", expectation.least},   {"most", expectation.most},
              {"schema", expectation.schema}, {"statement", expectation.statement},
              {"table", expectation.table},   {"verb", VerbWord(expectation.verb)}};
}
Expectation ExpectationFromJson(const Json& json) {
  Fields fields(json);
  Expectation expectation{.schema = fields.Text("schema"),
                          .table = fields.Text("table"),
                          .verb = fields.OneOf("verb", VerbFromWord),
                          .statement = fields.Int("statement"),
                          .least = fields.Integer("least"),
                          .most = fields.Integer("most")};
  fields.Finish();
  return expectation;
}

Json MissToJson(const Miss& miss) {
  return Json{{"expected", miss.expected}, {"found", miss.found}, {"subject", miss.subject}};
}
Miss MissFromJson(const Json& json) {
  Fields fields(json);
  Miss miss{.subject = fields.Text("subject"),
            .expected = fields.Text("expected"),
            .found = fields.Integer("found")};
  fields.Finish();
  return miss;
}

}  // namespace

Json ReportToJson(const Report& report) {
  return Json{{"conflicts", ListToJson(report.conflicts, ConflictToJson)},
              {"elapsed_us", absl::ToInt64Microseconds(report.elapsed)},
              {"locks", ListToJson(report.locks, LockToJson)},
              {"not_rehearsed", ListToJson(report.not_rehearsed, TextToJson)},
              {"objects", ListToJson(report.objects, ObjectToJson)},
              {"samples", ListToJson(report.samples, SampleToJson)},
              {"statements", ListToJson(report.statements, StatementToJson)},
              {"tables", ListToJson(report.tables, TableToJson)},
              {"undo_cannot", ListToJson(report.undo_cannot, TextToJson)}};
}

Report ReportFromJson(const Json& json) {
  Fields fields(json);
  Report report{.statements = ListFromJson(fields.Any("statements"), StatementFromJson),
                .tables = ListFromJson(fields.Any("tables"), TableFromJson),
                .samples = ListFromJson(fields.Any("samples"), SampleFromJson),
                .locks = ListFromJson(fields.Any("locks"), LockFromJson),
                .objects = ListFromJson(fields.Any("objects"), ObjectFromJson),
                .conflicts = ListFromJson(fields.Any("conflicts"), ConflictFromJson),
                .not_rehearsed = ListFromJson(fields.Any("not_rehearsed"), TextFromJson),
                .undo_cannot = ListFromJson(fields.Any("undo_cannot"), TextFromJson),
                .elapsed = fields.Microseconds("elapsed_us")};
  fields.Finish();
  return report;
}

Json ReportOrNullToJson(const std::optional<Report>& report) {
  return report.has_value() ? ReportToJson(*report) : Json();
}

std::optional<Report> ReportOrNullFromJson(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(ReportFromJson(json));
}

Json FindingsToJson(const std::vector<Finding>& findings) {
  return ListToJson(findings, FindingToJson);
}

std::vector<Finding> FindingsFromJson(const Json& json) {
  return ListFromJson(json, FindingFromJson);
}

Json ExpectationsToJson(const std::vector<Expectation>& expectations) {
  return ListToJson(expectations, ExpectationToJson);
}

std::vector<Expectation> ExpectationsFromJson(const Json& json) {
  return ListFromJson(json, ExpectationFromJson);
}

Json MissesToJson(const std::vector<Miss>& misses) {
  return ListToJson(misses, MissToJson);
}

std::vector<Miss> MissesFromJson(const Json& json) {
  return ListFromJson(json, MissFromJson);
}

std::string SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kDanger:
      return "danger";
    case Severity::kRefused:
      return "refused";
  }
  return "";
}

absl::StatusOr<std::string> ReportDigest(const Report& report) {
  const absl::StatusOr<std::string> bytes = ledger::CanonicalBytes(ReportToJson(report));
  if (!bytes.ok()) {
    return bytes.status();
  }
  return ledger::Sha256Hex(*bytes);
}

}  // namespace jit::records
