#include "broker/sql/reader.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/sql/body.h"
#include "broker/sql/destruction.h"
#include "broker/sql/guarded.h"
#include "broker/sql/name.h"
#include "broker/sql/tag.h"

namespace jit::sql {
namespace {

constexpr std::size_t kNamesShown = 3;

// Which fields of a statement hold the relations it writes, alters or creates.
const std::multimap<absl::string_view, absl::string_view>& WritingFields() {
  static const std::multimap<absl::string_view, absl::string_view> fields = {
      {"InsertStmt", "relation"},         {"UpdateStmt", "relation"},
      {"DeleteStmt", "relation"},         {"MergeStmt", "relation"},
      {"TruncateStmt", "relations"},      {"AlterTableStmt", "relation"},
      {"IndexStmt", "relation"},          {"CreateStmt", "relation"},
      {"CreateForeignTableStmt", "base"}, {"ViewStmt", "view"},
      {"CreateTrigStmt", "relation"},     {"RuleStmt", "relation"},
      {"CreatePolicyStmt", "table"},      {"AlterPolicyStmt", "table"},
      {"ClusterStmt", "relation"},        {"VacuumRelation", "relation"},
      {"ReindexStmt", "relation"},        {"RefreshMatViewStmt", "relation"},
      {"RenameStmt", "relation"},         {"AlterObjectSchemaStmt", "relation"},
      {"AlterOwnerStmt", "relation"},     {"CreateSeqStmt", "sequence"},
      {"AlterSeqStmt", "sequence"},       {"GrantStmt", "objects"},
      {"CreateTableAsStmt", "into"},      {"SelectStmt", "intoClause"},
      {"PartitionCmd", "name"},
  };
  return fields;
}

bool IsModification(absl::string_view type) {
  return type == "InsertStmt" || type == "UpdateStmt" || type == "DeleteStmt" ||
         type == "MergeStmt";
}

bool IsCatalog(const ObjectName& name) {
  return name.schema.empty() && absl::StartsWith(name.name, "pg_");
}

void AddOnce(const ObjectName& name, std::vector<ObjectName>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
}

}  // namespace

void Reader::Read(const Json& tree, Standing standing) {
  Walk(tree, standing);
  TellNames();
}

void Reader::Walk(const Json& tree, Standing standing) {
  std::vector<Visit> pending = {{&tree, -1, standing}};
  while (!pending.empty()) {
    const Visit visit = pending.back();
    pending.pop_back();
    const Node node = NodeOf(*visit.value);
    const Json& inside = node.fields == nullptr ? *visit.value : *node.fields;
    if (node.fields != nullptr) {
      if (passed_.contains(node.fields)) {
        continue;
      }
      Look(node, visit);
    }
    if (!inside.is_structured()) {
      continue;
    }
    std::vector<Visit> queries;
    const Json& with = At(inside, "withClause");
    const int scope = with.is_null() ? visit.scope : EnterWith(with, visit, queries);
    for (auto child = inside.begin(); child != inside.end(); ++child) {
      if (&*child != &with) {
        const Standing below =
            inside.is_object() ? StandingBelow(node, child.key(), visit.standing) : visit.standing;
        pending.push_back({&*child, scope, below});
      }
    }
    pending.insert(pending.end(), queries.rbegin(), queries.rend());
  }
}

int Reader::EnterWith(const Json& with, const Visit& visit, std::vector<Visit>& queries) {
  const bool recursive = FlagAt(with, "recursive");
  int scope = visit.scope;
  for (const Json& each : At(with, "ctes")) {
    const int before = scope;
    scopes_.push_back({scope, TextAt(FieldsOf(each, "CommonTableExpr"), "ctename")});
    scope = static_cast<int>(scopes_.size()) - 1;
    queries.push_back({&each, before, visit.standing});
  }
  for (Visit& query : queries) {
    query.scope = recursive ? scope : query.scope;
  }
  return scope;
}

Standing Reader::StandingBelow(const Node& node, absl::string_view field, Standing standing) const {
  if (standing != Standing::kRuns) {
    return standing;
  }
  const bool defines = (node.type == "RuleStmt" && field == "actions") ||
                       (node.type == "CreateFunctionStmt" && field == "sql_body") ||
                       (node.type == "ViewStmt" && field == "query");
  if (defines) {
    return Standing::kDefined;
  }
  const bool plans = node.type == "ExplainStmt" && field == "query" && !Analyzes(*node.fields);
  return plans ? Standing::kPlanned : standing;
}

void Reader::Look(const Node& node, const Visit& visit) {
  Statement& statement = findings_.statement();
  if (const std::string guarded = GuardedNameIn(node); !guarded.empty()) {
    findings_.Add(Code::kTouchesGuard, NumberAt(*node.fields, "location"),
                  absl::StrCat(guarded, " belongs to the broker"));
  }
  if (node.type == "RangeVar") {
    LookAtRelation(*node.fields, visit);
    return;
  }
  if (node.type == "ColumnRef") {
    LookAtCase(*node.fields);
    return;
  }
  Claim(node, visit.standing);
  RemarkOnExpression(node, visit.standing, findings_);
  RemarkOnStatement(node, visit.standing, findings_);
  Destroy(node, visit.standing);
  if (IsModification(node.type) && visit.standing != Standing::kPlanned) {
    RemarkOnModification(node, findings_);
    if (visit.standing == Standing::kRuns && statement.kind == Kind::kRead) {
      statement.kind = NatureOf(node).kind;
    }
  }
  if (node.type == "CallStmt" || node.type == "DoStmt" || node.type == "ExecuteStmt") {
    statement.may_write_unseen = statement.may_write_unseen || visit.standing == Standing::kRuns;
  }
  if (node.type == "DoStmt" || node.type == "CreateFunctionStmt") {
    const bool runs = node.type == "DoStmt" && visit.standing == Standing::kRuns;
    ReadBody(node, text_, where_, runs ? Standing::kRuns : Standing::kDefined, findings_);
  }
}

void Reader::Claim(const Node& node, Standing standing) {
  if (node.type == "LockingClause") {  // names what FROM has named already
    for (const Json& each : At(*node.fields, "lockedRels")) {
      passed_.insert(&FieldsOf(each, "RangeVar"));
    }
  }
  if (node.type == "DefElem" && NodeOf(At(*node.fields, "arg")).type == "VariableSetStmt") {
    passed_.insert(NodeOf(At(*node.fields, "arg")).fields);  // a function's own setting
  }
  if (standing != Standing::kRuns) {
    return;
  }
  const bool copies_in = node.type == "CopyStmt" && FlagAt(*node.fields, "is_from");
  if (copies_in) {
    written_.insert(&At(*node.fields, "relation"));
  }
  const auto [first, last] = WritingFields().equal_range(node.type);
  for (auto each = first; each != last; ++each) {
    const Json* value = &At(*node.fields, each->second);
    for (const char* wrapped :
         {"rel", "relation"}) {  // IntoClause, and the base of a foreign table
      if (!value->contains("relname") && value->is_object() && value->contains(wrapped)) {
        value = &At(*value, wrapped);
      }
    }
    if (value->is_array()) {
      for (const Json& item : *value) {
        written_.insert(&FieldsOf(item, "RangeVar"));
      }
    } else {
      written_.insert(value);
    }
  }
}

void Reader::LookAtRelation(const Json& fields, const Visit& visit) {
  const ObjectName name = NameOfRelation(fields);
  const Named named{NumberAt(fields, "location"), name};
  LookAtCase(fields);
  if (written_.contains(&fields)) {
    writes_.push_back(named);
  } else if (!name.schema.empty() || !IsDefinedByWith(name.name, visit.scope)) {
    reads_.push_back(named);
  }
}

bool Reader::IsDefinedByWith(absl::string_view name, int scope) const {
  for (; scope >= 0; scope = scopes_[static_cast<std::size_t>(scope)].outer) {
    if (scopes_[static_cast<std::size_t>(scope)].name == name) {
      return true;
    }
  }
  return false;
}

// The parser has folded names already; how they were written stands at their place in the text.
void Reader::LookAtCase(const Json& fields) {
  const std::int64_t location = NumberAt(fields, "location");
  if (location < 0 || static_cast<std::size_t>(location) >= text_.size()) {
    return;
  }
  absl::string_view written = text_.substr(static_cast<std::size_t>(location));
  const std::size_t end = std::find_if_not(written.begin(), written.end(),
                                           [](char c) {
                                             const auto byte = static_cast<unsigned char>(c);
                                             return absl::ascii_isalnum(byte) || byte == '_' ||
                                                    byte == '.' || byte >= 0x80;
                                           }) -
                          written.begin();
  written = written.substr(0, end);
  if (std::any_of(written.begin(), written.end(),
                  [](char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); })) {
    folded_.push_back({location, {"", std::string(written)}});
  }
}

void Reader::Destroy(const Node& node, Standing standing) {
  if (standing == Standing::kPlanned) {
    return;
  }
  Destructions found = DestructionsOf(node);
  Statement& statement = findings_.statement();
  if (found.all.empty() || standing == Standing::kDefined) {
    return;
  }
  if (where_.depth > 0) {
    findings_.Add(Code::kDropUnkeepable, 0,
                  "destroys inside a block, where it cannot be kept first; write it as a statement "
                  "of its own");
    return;
  }
  for (Destruction& destruction : found.all) {
    if (destruction.loss == Loss::kUnkeepable) {
      findings_.Add(Code::kDropUnkeepable, 0,
                    absl::StrCat(NatureOf(node).tag, " ", Shown(destruction.object),
                                 ": there is no way to keep it and to bring it back"));
    }
    const bool is_relation =
        destruction.loss != Loss::kSchema && destruction.loss != Loss::kFunction &&
        destruction.loss != Loss::kType && destruction.loss != Loss::kUnkeepable;
    if (is_relation && node.type == "DropStmt") {
      writes_.push_back({0, destruction.object});
    }
    statement.destroys.push_back(std::move(destruction));
  }
  statement.only_destroys = found.nothing_else;
}

void Reader::TellNames() {
  Statement& statement = findings_.statement();
  const auto by_place = [](const Named& a, const Named& b) { return a.location < b.location; };
  for (auto* names : {&reads_, &writes_, &folded_}) {
    std::stable_sort(names->begin(), names->end(), by_place);
  }
  std::vector<std::string> unqualified;
  for (const auto* names : {&writes_, &reads_}) {
    for (const Named& named : *names) {
      AddOnce(named.name, names == &reads_ ? statement.reads : statement.writes);
      if (named.name.schema.empty() && !IsCatalog(named.name) &&
          std::find(unqualified.begin(), unqualified.end(), named.name.name) == unqualified.end()) {
        unqualified.push_back(named.name.name);
      }
    }
  }
  const auto shown = [](std::vector<std::string>& names) {
    const bool more = names.size() > kNamesShown;
    names.resize(std::min(names.size(), kNamesShown));
    return absl::StrCat(absl::StrJoin(names, ", "), more ? ", …" : "");
  };
  if (!unqualified.empty()) {
    findings_.Add(
        Code::kUnqualifiedName, 0,
        absl::StrCat("which schema is meant depends on search_path: ", shown(unqualified)));
  }
  std::vector<std::string> folded;
  for (const Named& named : folded_) {
    if (std::find(folded.begin(), folded.end(), named.name.name) == folded.end()) {
      folded.push_back(named.name.name);
    }
  }
  if (!folded.empty()) {
    const std::int64_t place = folded_.front().location;
    findings_.Add(Code::kCaseFoldedName, place,
                  absl::StrCat("without quotes these are read in lower case: ", shown(folded)));
  }
}

}  // namespace jit::sql
