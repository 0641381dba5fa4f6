#include "broker/sql/tag.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace jit::sql {
namespace {

struct Row {
  Kind kind;
  const char* tag;
};

const std::map<absl::string_view, Row>& Reading() {
  static const std::map<absl::string_view, Row> rows = {
      {"SelectStmt", {Kind::kRead, "SELECT"}},
      {"VariableShowStmt", {Kind::kRead, "SHOW"}},
      {"InsertStmt", {Kind::kInsert, "INSERT"}},
      {"UpdateStmt", {Kind::kUpdate, "UPDATE"}},
      {"DeleteStmt", {Kind::kDelete, "DELETE"}},
      {"MergeStmt", {Kind::kMerge, "MERGE"}},
      {"TruncateStmt", {Kind::kTruncate, "TRUNCATE TABLE"}},
      {"CallStmt", {Kind::kCall, "CALL"}},
      {"DoStmt", {Kind::kCall, "DO"}},
      {"ExecuteStmt", {Kind::kCall, "EXECUTE"}},
      {"LockStmt", {Kind::kLock, "LOCK TABLE"}},
      {"PrepareStmt", {Kind::kOther, "PREPARE"}},
      {"DeallocateStmt", {Kind::kOther, "DEALLOCATE"}},
      {"DeclareCursorStmt", {Kind::kOther, "DECLARE CURSOR"}},
      {"ClosePortalStmt", {Kind::kOther, "CLOSE CURSOR"}},
      {"FetchStmt", {Kind::kRead, "FETCH"}},
      {"ListenStmt", {Kind::kOther, "LISTEN"}},
      {"UnlistenStmt", {Kind::kOther, "UNLISTEN"}},
      {"NotifyStmt", {Kind::kOther, "NOTIFY"}},
      {"ClusterStmt", {Kind::kOther, "CLUSTER"}},
      {"ReindexStmt", {Kind::kOther, "REINDEX"}},
      {"RefreshMatViewStmt", {Kind::kOther, "REFRESH MATERIALIZED VIEW"}},
      {"CheckPointStmt", {Kind::kOther, "CHECKPOINT"}},
      {"LoadStmt", {Kind::kOther, "LOAD"}},
      {"ConstraintsSetStmt", {Kind::kSetting, "SET CONSTRAINTS"}},
      {"GrantStmt", {Kind::kRights, "GRANT"}},
      {"GrantRoleStmt", {Kind::kRights, "GRANT ROLE"}},
      {"AlterDefaultPrivilegesStmt", {Kind::kRights, "ALTER DEFAULT PRIVILEGES"}},
      {"ReassignOwnedStmt", {Kind::kRights, "REASSIGN OWNED"}},
  };
  return rows;
}

const std::map<absl::string_view, Row>& Defining() {
  static const std::map<absl::string_view, Row> rows = {
      {"CreateStmt", {Kind::kCreate, "CREATE TABLE"}},
      {"CreateForeignTableStmt", {Kind::kCreate, "CREATE FOREIGN TABLE"}},
      {"ViewStmt", {Kind::kCreate, "CREATE VIEW"}},
      {"IndexStmt", {Kind::kCreate, "CREATE INDEX"}},
      {"CreateSeqStmt", {Kind::kCreate, "CREATE SEQUENCE"}},
      {"CreateSchemaStmt", {Kind::kCreate, "CREATE SCHEMA"}},
      {"CreateEnumStmt", {Kind::kCreate, "CREATE TYPE"}},
      {"CreateRangeStmt", {Kind::kCreate, "CREATE TYPE"}},
      {"CompositeTypeStmt", {Kind::kCreate, "CREATE TYPE"}},
      {"CreateDomainStmt", {Kind::kCreate, "CREATE DOMAIN"}},
      {"CreateTrigStmt", {Kind::kCreate, "CREATE TRIGGER"}},
      {"CreateEventTrigStmt", {Kind::kCreate, "CREATE EVENT TRIGGER"}},
      {"RuleStmt", {Kind::kCreate, "CREATE RULE"}},
      {"CreatePolicyStmt", {Kind::kCreate, "CREATE POLICY"}},
      {"CreateRoleStmt", {Kind::kCreate, "CREATE ROLE"}},
      {"CreateExtensionStmt", {Kind::kCreate, "CREATE EXTENSION"}},
      {"CreateFdwStmt", {Kind::kCreate, "CREATE FOREIGN DATA WRAPPER"}},
      {"CreateForeignServerStmt", {Kind::kCreate, "CREATE SERVER"}},
      {"CreateUserMappingStmt", {Kind::kCreate, "CREATE USER MAPPING"}},
      {"CreatePLangStmt", {Kind::kCreate, "CREATE LANGUAGE"}},
      {"CreateCastStmt", {Kind::kCreate, "CREATE CAST"}},
      {"CreateTransformStmt", {Kind::kCreate, "CREATE TRANSFORM"}},
      {"CreateConversionStmt", {Kind::kCreate, "CREATE CONVERSION"}},
      {"CreateOpClassStmt", {Kind::kCreate, "CREATE OPERATOR CLASS"}},
      {"CreateOpFamilyStmt", {Kind::kCreate, "CREATE OPERATOR FAMILY"}},
      {"CreateAmStmt", {Kind::kCreate, "CREATE ACCESS METHOD"}},
      {"CreateStatsStmt", {Kind::kCreate, "CREATE STATISTICS"}},
      {"CreatePublicationStmt", {Kind::kCreate, "CREATE PUBLICATION"}},
      {"CreateSubscriptionStmt", {Kind::kCreate, "CREATE SUBSCRIPTION"}},
      {"CreatedbStmt", {Kind::kCreate, "CREATE DATABASE"}},
      {"CreateTableSpaceStmt", {Kind::kCreate, "CREATE TABLESPACE"}},
      {"ImportForeignSchemaStmt", {Kind::kCreate, "IMPORT FOREIGN SCHEMA"}},
  };
  return rows;
}

const std::map<absl::string_view, Row>& Changing() {
  static const std::map<absl::string_view, Row> rows = {
      {"AlterSeqStmt", {Kind::kAlter, "ALTER SEQUENCE"}},
      {"AlterEnumStmt", {Kind::kAlter, "ALTER TYPE"}},
      {"AlterTypeStmt", {Kind::kAlter, "ALTER TYPE"}},
      {"AlterDomainStmt", {Kind::kAlter, "ALTER DOMAIN"}},
      {"AlterPolicyStmt", {Kind::kAlter, "ALTER POLICY"}},
      {"AlterRoleStmt", {Kind::kAlter, "ALTER ROLE"}},
      {"AlterRoleSetStmt", {Kind::kAlter, "ALTER ROLE"}},
      {"AlterExtensionStmt", {Kind::kAlter, "ALTER EXTENSION"}},
      {"AlterExtensionContentsStmt", {Kind::kAlter, "ALTER EXTENSION"}},
      {"AlterFdwStmt", {Kind::kAlter, "ALTER FOREIGN DATA WRAPPER"}},
      {"AlterForeignServerStmt", {Kind::kAlter, "ALTER SERVER"}},
      {"AlterUserMappingStmt", {Kind::kAlter, "ALTER USER MAPPING"}},
      {"AlterEventTrigStmt", {Kind::kAlter, "ALTER EVENT TRIGGER"}},
      {"AlterCollationStmt", {Kind::kAlter, "ALTER COLLATION"}},
      {"AlterOpFamilyStmt", {Kind::kAlter, "ALTER OPERATOR FAMILY"}},
      {"AlterOperatorStmt", {Kind::kAlter, "ALTER OPERATOR"}},
      {"AlterStatsStmt", {Kind::kAlter, "ALTER STATISTICS"}},
      {"AlterPublicationStmt", {Kind::kAlter, "ALTER PUBLICATION"}},
      {"AlterSubscriptionStmt", {Kind::kAlter, "ALTER SUBSCRIPTION"}},
      {"AlterDatabaseStmt", {Kind::kAlter, "ALTER DATABASE"}},
      {"AlterDatabaseRefreshCollStmt", {Kind::kAlter, "ALTER DATABASE"}},
      {"AlterDatabaseSetStmt", {Kind::kAlter, "ALTER DATABASE"}},
      {"AlterSystemStmt", {Kind::kAlter, "ALTER SYSTEM"}},
      {"AlterTableSpaceOptionsStmt", {Kind::kAlter, "ALTER TABLESPACE"}},
      {"AlterTSConfigurationStmt", {Kind::kAlter, "ALTER TEXT SEARCH CONFIGURATION"}},
      {"AlterTSDictionaryStmt", {Kind::kAlter, "ALTER TEXT SEARCH DICTIONARY"}},
      {"CommentStmt", {Kind::kAlter, "COMMENT"}},
      {"SecLabelStmt", {Kind::kAlter, "SECURITY LABEL"}},
      {"DropOwnedStmt", {Kind::kDrop, "DROP OWNED"}},
      {"DropRoleStmt", {Kind::kDrop, "DROP ROLE"}},
      {"DropdbStmt", {Kind::kDrop, "DROP DATABASE"}},
      {"DropTableSpaceStmt", {Kind::kDrop, "DROP TABLESPACE"}},
      {"DropUserMappingStmt", {Kind::kDrop, "DROP USER MAPPING"}},
      {"DropSubscriptionStmt", {Kind::kDrop, "DROP SUBSCRIPTION"}},
  };
  return rows;
}

// `OBJECT_MATVIEW` as SQL says it.
std::string ObjectWords(absl::string_view type) {
  static const std::map<absl::string_view, absl::string_view> words = {
      {"OBJECT_MATVIEW", "MATERIALIZED VIEW"},
      {"OBJECT_FDW", "FOREIGN DATA WRAPPER"},
      {"OBJECT_FOREIGN_SERVER", "SERVER"},
      {"OBJECT_OPCLASS", "OPERATOR CLASS"},
      {"OBJECT_OPFAMILY", "OPERATOR FAMILY"},
      {"OBJECT_STATISTIC_EXT", "STATISTICS"},
      {"OBJECT_TSCONFIGURATION", "TEXT SEARCH CONFIGURATION"},
      {"OBJECT_TSDICTIONARY", "TEXT SEARCH DICTIONARY"},
      {"OBJECT_TSPARSER", "TEXT SEARCH PARSER"},
      {"OBJECT_TSTEMPLATE", "TEXT SEARCH TEMPLATE"},
      {"OBJECT_LARGEOBJECT", "LARGE OBJECT"},
      {"OBJECT_ATTRIBUTE", "TYPE"},
      {"OBJECT_DOMCONSTRAINT", "DOMAIN"},
      {"OBJECT_TABCONSTRAINT", "TABLE"},
      {"OBJECT_COLUMN", "TABLE"},
  };
  const auto found = words.find(type);
  return found != words.end()
             ? std::string(found->second)
             : absl::StrReplaceAll(absl::StripPrefix(type, "OBJECT_"), {{"_", " "}});
}

std::string TransactionTag(absl::string_view kind) {
  static const std::map<absl::string_view, absl::string_view> words = {
      {"TRANS_STMT_START", "START TRANSACTION"},
      {"TRANS_STMT_PREPARE", "PREPARE TRANSACTION"},
      {"TRANS_STMT_COMMIT_PREPARED", "COMMIT PREPARED"},
      {"TRANS_STMT_ROLLBACK_PREPARED", "ROLLBACK PREPARED"},
      {"TRANS_STMT_ROLLBACK_TO", "ROLLBACK"},
  };
  const auto found = words.find(kind);
  return std::string(found != words.end() ? found->second : absl::StripPrefix(kind, "TRANS_STMT_"));
}

bool OnlyChangesOwner(const Json& alter_table) {
  const Json& commands = At(alter_table, "cmds");
  return !commands.empty() && std::all_of(commands.begin(), commands.end(), [](const Json& each) {
    return TextAt(FieldsOf(each, "AlterTableCmd"), "subtype") == "AT_ChangeOwner";
  });
}

bool HasOption(const Json& options, absl::string_view name) {
  return std::any_of(options.begin(), options.end(), [&](const Json& each) {
    const Json& option = FieldsOf(each, "DefElem");
    const Json& value = At(option, "arg");
    const bool off =
        absl::EqualsIgnoreCase(TextAt(FieldsOf(value, "String"), "sval"), "false") ||
        absl::EqualsIgnoreCase(TextAt(FieldsOf(value, "String"), "sval"), "off") ||
        (value.contains("Integer") && NumberAt(FieldsOf(value, "Integer"), "ival") == 0) ||
        (value.contains("Boolean") && !FlagAt(FieldsOf(value, "Boolean"), "boolval"));
    return TextAt(option, "defname") == name && !off;
  });
}

// The kinds and tags that depend on the fields of the statement.
Nature Varying(absl::string_view type, const Json& fields) {
  if (type == "ExplainStmt") {
    return {Kind::kRead, "EXPLAIN", ""};
  }
  if (type == "TransactionStmt") {
    return {Kind::kTransaction, TransactionTag(TextAt(fields, "kind")), ""};
  }
  if (type == "CopyStmt") {
    return {FlagAt(fields, "is_from") ? Kind::kCopyIn : Kind::kCopyOut, "COPY", ""};
  }
  if (type == "VariableSetStmt") {
    return {Kind::kSetting, absl::StartsWith(TextAt(fields, "kind"), "VAR_RESET") ? "RESET" : "SET",
            ""};
  }
  if (type == "DiscardStmt") {
    const absl::string_view target = absl::StripPrefix(TextAt(fields, "target"), "DISCARD_");
    return {Kind::kSetting, absl::StrCat("DISCARD ", target), ""};
  }
  if (type == "VacuumStmt") {
    return {Kind::kOther, FlagAt(fields, "is_vacuumcmd") ? "VACUUM" : "ANALYZE", ""};
  }
  if (type == "CreateTableAsStmt") {
    const bool materialized = TextAt(fields, "objtype") == "OBJECT_MATVIEW";
    return {Kind::kCreate, materialized ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS", ""};
  }
  if (type == "CreateFunctionStmt") {
    return {Kind::kCreate, FlagAt(fields, "is_procedure") ? "CREATE PROCEDURE" : "CREATE FUNCTION",
            ""};
  }
  if (type == "DefineStmt") {
    return {Kind::kCreate, absl::StrCat("CREATE ", ObjectWords(TextAt(fields, "kind"))), ""};
  }
  if (type == "DropStmt") {
    return {Kind::kDrop, absl::StrCat("DROP ", ObjectWords(TextAt(fields, "removeType"))), ""};
  }
  return {Kind::kOther, kUnknownTag, ""};
}

Nature Altering(absl::string_view type, const Json& fields) {
  const auto alter = [](absl::string_view object) {
    return absl::StrCat("ALTER ", ObjectWords(object));
  };
  if (type == "AlterTableStmt") {
    const Kind kind = OnlyChangesOwner(fields) ? Kind::kRights : Kind::kAlter;
    return {kind, alter(TextAt(fields, "objtype")), ""};
  }
  if (type == "AlterTableMoveAllStmt" || type == "AlterFunctionStmt") {
    return {Kind::kAlter, alter(TextAt(fields, "objtype")), ""};
  }
  if (type == "RenameStmt") {
    const absl::string_view renamed = TextAt(fields, "renameType");
    return {Kind::kAlter,
            alter(renamed == "OBJECT_COLUMN" ? TextAt(fields, "relationType") : renamed), ""};
  }
  if (type == "AlterObjectSchemaStmt" || type == "AlterObjectDependsStmt") {
    return {Kind::kAlter, alter(TextAt(fields, "objectType")), ""};
  }
  if (type == "AlterOwnerStmt") {
    return {Kind::kRights, alter(TextAt(fields, "objectType")), ""};
  }
  return Varying(type, fields);
}

// Which statements PostgreSQL refuses inside a transaction, and a few that are not undone by it.
std::string OutsideTransaction(absl::string_view type, const Json& fields) {
  static const std::map<absl::string_view, absl::string_view> always = {
      {"CreatedbStmt", "CREATE DATABASE"},
      {"DropdbStmt", "DROP DATABASE"},
      {"CreateTableSpaceStmt", "CREATE TABLESPACE"},
      {"DropTableSpaceStmt", "DROP TABLESPACE"},
      {"AlterSystemStmt", "ALTER SYSTEM"},
      {"CreateSubscriptionStmt", "CREATE SUBSCRIPTION"},
      {"DropSubscriptionStmt", "DROP SUBSCRIPTION"},
      {"AlterSubscriptionStmt", "ALTER SUBSCRIPTION"},
      {"CheckPointStmt", "CHECKPOINT"},
  };
  if (const auto found = always.find(type); found != always.end()) {
    return std::string(found->second);
  }
  if (type == "VacuumStmt" && FlagAt(fields, "is_vacuumcmd")) {
    return "VACUUM";
  }
  if (type == "IndexStmt" && FlagAt(fields, "concurrent")) {
    return "CREATE INDEX CONCURRENTLY";
  }
  if (type == "DropStmt" && FlagAt(fields, "concurrent")) {
    return "DROP INDEX CONCURRENTLY";
  }
  if (type == "ReindexStmt") {
    const absl::string_view kind = TextAt(fields, "kind");
    if (HasOption(At(fields, "params"), "concurrently")) {
      return "REINDEX CONCURRENTLY";
    }
    const bool wide = kind == "REINDEX_OBJECT_DATABASE" || kind == "REINDEX_OBJECT_SYSTEM" ||
                      kind == "REINDEX_OBJECT_SCHEMA";
    return wide ? "REINDEX of a schema or database" : "";
  }
  if (type == "ClusterStmt" && At(fields, "relation").is_null()) {
    return "CLUSTER of every table";
  }
  if (type == "DiscardStmt" && TextAt(fields, "target") == "DISCARD_ALL") {
    return "DISCARD ALL";
  }
  if (type == "AlterDatabaseStmt") {
    return HasOption(At(fields, "options"), "tablespace") ? "ALTER DATABASE SET TABLESPACE" : "";
  }
  if (type == "AlterTableStmt") {
    for (const Json& each : At(fields, "cmds")) {
      const Json& partition = FieldsOf(At(FieldsOf(each, "AlterTableCmd"), "def"), "PartitionCmd");
      if (FlagAt(partition, "concurrent")) {
        return "DETACH PARTITION CONCURRENTLY";
      }
    }
  }
  return "";
}

}  // namespace

bool Analyzes(const Json& explain) {
  return HasOption(At(explain, "options"), "analyze");
}

Nature NatureOf(const Node& statement) {
  if (statement.fields == nullptr) {
    return {Kind::kOther, kUnknownTag, ""};
  }
  const Json& fields = *statement.fields;
  Nature nature;
  for (const auto* rows : {&Reading(), &Defining(), &Changing()}) {
    if (const auto found = rows->find(statement.type); found != rows->end()) {
      nature = {found->second.kind, found->second.tag, ""};
    }
  }
  if (nature.tag.empty()) {
    nature = Altering(statement.type, fields);
  }
  if (statement.type == "SelectStmt" && At(fields, "intoClause").is_object()) {
    nature = {Kind::kCreate, "SELECT INTO", ""};
  }
  if (nature.kind == Kind::kRights && absl::StartsWith(nature.tag, "GRANT") &&
      !FlagAt(fields, "is_grant")) {
    nature.tag = absl::StrReplaceAll(nature.tag, {{"GRANT", "REVOKE"}});
  }
  nature.outside_transaction = OutsideTransaction(statement.type, fields);
  return nature;
}

}  // namespace jit::sql
