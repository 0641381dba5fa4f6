#include "broker/sql/guarded.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jit::sql {
namespace {

std::string Schema(absl::string_view name) {
  return IsGuardedSchema(name) ? absl::StrCat("the schema ", name) : "";
}

std::string Role(absl::string_view name) {
  return IsGuardedRole(name) ? absl::StrCat("the role ", name) : "";
}

// Of a name with at least two parts: the schema before the last. A trigger, rule or policy has its
// table before it, so that the schema stands further left.
std::string Qualified(const Json& list) {
  const std::vector<absl::string_view> words = WordsOf(list);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (std::string schema = Schema(words[i]); !schema.empty()) {
      return schema;
    }
  }
  return "";
}

// The objects of DROP, COMMENT, ALTER … SET SCHEMA and GRANT.
std::string Objects(const Json& objects, bool are_schemas) {
  const auto named = [&](const Json& object) -> std::string {
    if (are_schemas) {
      return Schema(TextAt(FieldsOf(object, "String"), "sval"));
    }
    return Qualified(At(FieldsOf(object, "List"), "items"));
  };
  if (!objects.is_array()) {
    return named(objects);
  }
  for (const Json& object : objects) {
    if (std::string found = named(object); !found.empty()) {
      return found;
    }
  }
  return "";
}

std::string First(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

std::string InStatement(absl::string_view type, const Json& fields) {
  if (type == "DropStmt") {
    return Objects(At(fields, "objects"), TextAt(fields, "removeType") == "OBJECT_SCHEMA");
  }
  if (type == "CommentStmt" || type == "SecLabelStmt") {
    return Objects(At(fields, "object"), TextAt(fields, "objtype") == "OBJECT_SCHEMA");
  }
  if (type == "AlterOwnerStmt" || type == "AlterObjectSchemaStmt") {
    return First(Objects(At(fields, "object"), TextAt(fields, "objectType") == "OBJECT_SCHEMA"),
                 Schema(TextAt(fields, "newschema")));
  }
  if (type == "RenameStmt") {
    const absl::string_view kind = TextAt(fields, "renameType");
    const absl::string_view from = TextAt(fields, "subname");
    const absl::string_view to = TextAt(fields, "newname");
    if (kind == "OBJECT_SCHEMA") {
      return First(Schema(from), Schema(to));
    }
    return kind == "OBJECT_ROLE" ? First(Role(from), Role(to))
                                 : Objects(At(fields, "object"), false);
  }
  if (type == "GrantStmt") {
    const bool schemas = TextAt(fields, "objtype") == "OBJECT_SCHEMA" ||
                         TextAt(fields, "targtype") == "ACL_TARGET_ALL_IN_SCHEMA";
    return Objects(At(fields, "objects"), schemas);
  }
  if (type == "GrantRoleStmt") {
    for (const Json& role : At(fields, "granted_roles")) {
      if (std::string found = Role(TextAt(FieldsOf(role, "AccessPriv"), "priv_name"));
          !found.empty()) {
        return found;
      }
    }
  }
  if (type == "CreateSchemaStmt") {
    return Schema(TextAt(fields, "schemaname"));
  }
  return type == "CreateRoleStmt" ? Role(TextAt(fields, "role")) : "";
}

}  // namespace

bool IsGuardedSchema(absl::string_view name) {
  return name == "jit" || name == "jit_quarantine";
}

bool IsGuardedRole(absl::string_view name) {
  return absl::StartsWith(name, "jit_");
}

std::string GuardedNameIn(const Node& node) {
  const Json& fields = *node.fields;
  if (node.type == "RangeVar") {
    return Schema(TextAt(fields, "schemaname"));
  }
  if (node.type == "RoleSpec") {
    return Role(TextAt(fields, "rolename"));
  }
  for (const char* list : {"funcname", "names", "objname", "defnames", "typeName"}) {
    if (std::string found = Qualified(At(fields, list)); !found.empty()) {
      return found;
    }
  }
  return InStatement(node.type, fields);
}

}  // namespace jit::sql
