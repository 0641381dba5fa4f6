#include "broker/sql/destruction.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/sql/name.h"

namespace jit::sql {
namespace {

Loss LossOf(absl::string_view type) {
  static const std::map<absl::string_view, Loss> losses = {
      {"OBJECT_TABLE", Loss::kTable},        {"OBJECT_VIEW", Loss::kView},
      {"OBJECT_SEQUENCE", Loss::kSequence},  {"OBJECT_MATVIEW", Loss::kMaterializedView},
      {"OBJECT_INDEX", Loss::kIndex},        {"OBJECT_FUNCTION", Loss::kFunction},
      {"OBJECT_PROCEDURE", Loss::kFunction}, {"OBJECT_ROUTINE", Loss::kFunction},
      {"OBJECT_AGGREGATE", Loss::kFunction}, {"OBJECT_SCHEMA", Loss::kSchema},
      {"OBJECT_TYPE", Loss::kType},          {"OBJECT_DOMAIN", Loss::kType},
      {"OBJECT_TRIGGER", Loss::kTrigger},    {"OBJECT_POLICY", Loss::kPolicy},
      {"OBJECT_RULE", Loss::kRule},
  };
  const auto found = losses.find(type);
  return found == losses.end() ? Loss::kUnkeepable : found->second;
}

bool Cascades(const Json& fields) {
  return TextAt(fields, "behavior") == "DROP_CASCADE";
}

void NameFunction(const Json& object, Destruction& destruction) {
  destruction.object = NameOfWords(WordsOf(At(object, "objname")));
  destruction.has_arguments = !FlagAt(object, "args_unspecified");
  std::vector<std::string> types;
  for (const Json& type : At(object, "objargs")) {
    const Json& fields = FieldsOf(type, "TypeName");
    types.push_back(fields.is_null() ? "NONE" : TypeText(fields));
  }
  destruction.part = absl::StrJoin(types, ", ");
}

void NameObject(const Json& object, Destruction& destruction) {
  const Node node = NodeOf(object);
  if (node.fields == nullptr) {
    return;
  }
  if (node.type == "ObjectWithArgs") {
    NameFunction(*node.fields, destruction);
  } else if (node.type == "TypeName") {
    destruction.object = NameOfWords(WordsOf(At(*node.fields, "names")));
  } else if (node.type == "String") {
    destruction.object.name = std::string(TextAt(*node.fields, "sval"));
  } else if (node.type == "List") {
    std::vector<absl::string_view> words = WordsOf(At(*node.fields, "items"));
    const bool on_table = destruction.loss == Loss::kTrigger || destruction.loss == Loss::kPolicy ||
                          destruction.loss == Loss::kRule;
    if (on_table && words.size() > 1) {
      destruction.part = std::string(words.back());
      words.pop_back();
    }
    destruction.object = NameOfWords(words);
  }
}

std::vector<Destruction> Dropped(const Json& fields) {
  std::vector<Destruction> all;
  for (const Json& object : At(fields, "objects")) {
    Destruction destruction;
    destruction.loss = LossOf(TextAt(fields, "removeType"));
    destruction.if_exists = FlagAt(fields, "missing_ok");
    destruction.cascade = Cascades(fields);
    NameObject(object, destruction);
    all.push_back(std::move(destruction));
  }
  return all;
}

std::vector<Destruction> Truncated(const Json& fields) {
  std::vector<Destruction> all;
  for (const Json& table : At(fields, "relations")) {
    Destruction destruction;
    destruction.loss = Loss::kRows;
    destruction.object = NameOfRelation(FieldsOf(table, "RangeVar"));
    destruction.cascade = Cascades(fields);
    destruction.restart_identity = FlagAt(fields, "restart_seqs");
    all.push_back(std::move(destruction));
  }
  return all;
}

Destructions Altered(const Json& fields) {
  static const std::map<absl::string_view, Loss> losses = {
      {"AT_DropColumn", Loss::kColumn},
      {"AT_AlterColumnType", Loss::kColumnType},
      {"AT_DropConstraint", Loss::kConstraint},
  };
  const absl::string_view type = TextAt(fields, "objtype");
  const bool of_table = type == "OBJECT_TABLE" || type.empty();
  Destructions found;
  const Json& commands = At(fields, "cmds");
  for (const Json& each : commands) {
    const Json& command = FieldsOf(each, "AlterTableCmd");
    const auto loss = losses.find(TextAt(command, "subtype"));
    if (loss == losses.end()) {
      continue;
    }
    Destruction destruction;
    destruction.loss = of_table ? loss->second : Loss::kUnkeepable;
    destruction.object = NameOfRelation(At(fields, "relation"));
    destruction.part = std::string(TextAt(command, "name"));
    destruction.if_exists = FlagAt(command, "missing_ok");
    destruction.cascade = Cascades(command);
    found.all.push_back(std::move(destruction));
  }
  // A change of type is made after its copy is kept, so it is never only a destruction.
  found.nothing_else = !found.all.empty() && found.all.size() == commands.size() &&
                       std::none_of(found.all.begin(), found.all.end(), [](const Destruction& one) {
                         return one.loss == Loss::kColumnType;
                       });
  return found;
}

Destructions OneUnkeepable(absl::string_view name) {
  Destruction destruction;
  destruction.object.name = std::string(name);
  return {{std::move(destruction)}, true};
}

}  // namespace

Destructions DestructionsOf(const Node& statement) {
  if (statement.fields == nullptr) {
    return {};
  }
  const Json& fields = *statement.fields;
  if (statement.type == "DropStmt") {
    return {Dropped(fields), true};
  }
  if (statement.type == "TruncateStmt") {
    return {Truncated(fields), true};
  }
  if (statement.type == "AlterTableStmt") {
    return Altered(fields);
  }
  if (statement.type == "AlterDomainStmt" && TextAt(fields, "subtype") == "X") {
    return OneUnkeepable(NameOfWords(WordsOf(At(fields, "typeName"))).name);
  }
  if (statement.type == "DropRoleStmt" || statement.type == "DropOwnedStmt") {
    Destructions found{{}, true};
    for (const Json& role : At(fields, "roles")) {
      Destruction destruction;
      destruction.object.name = std::string(TextAt(FieldsOf(role, "RoleSpec"), "rolename"));
      found.all.push_back(std::move(destruction));
    }
    return found;
  }
  static const std::map<absl::string_view, absl::string_view> named = {
      {"DropdbStmt", "dbname"},
      {"DropTableSpaceStmt", "tablespacename"},
      {"DropUserMappingStmt", "servername"},
      {"DropSubscriptionStmt", "subname"},
  };
  const auto found = named.find(statement.type);
  return found == named.end() ? Destructions{} : OneUnkeepable(TextAt(fields, found->second));
}

}  // namespace jit::sql
