#include "broker/sql/remark.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/sql/call.h"
#include "broker/sql/condition.h"
#include "broker/sql/destruction.h"
#include "broker/sql/name.h"
#include "broker/sql/setting.h"
#include "broker/sql/tag.h"

namespace jit::sql {
namespace {

constexpr std::size_t kNamesShown = 3;

std::string TargetOf(const Json& fields) {
  return Shown(NameOfRelation(At(fields, "relation")));
}

std::int64_t PlaceOf(const Json& fields) {
  return NumberAt(At(fields, "relation"), "location");
}

void RemarkOnWhere(const Node& node, Findings& findings) {
  const Json& fields = *node.fields;
  const absl::string_view verb = node.type == "UpdateStmt" ? "UPDATE" : "DELETE";
  const Json& others = At(fields, node.type == "UpdateStmt" ? "fromClause" : "usingClause");
  const Json& where = At(fields, "whereClause");
  if (where.is_null()) {
    findings.Add(Code::kNoWhere, PlaceOf(fields),
                 absl::StrCat(verb, " without WHERE: every row of ", TargetOf(fields)));
    return;
  }
  const Scene scene = SceneOf(At(fields, "relation"), others);
  if (RestrictsNothing(where, scene)) {
    findings.Add(Code::kWhereRestrictsNothing, PlaceOf(fields),
                 absl::StrCat("the WHERE of this ", verb, " lets every row of ", TargetOf(fields),
                              " through"));
  }
  if (!scene.others.empty() && !Joins(where, scene)) {
    findings.Add(Code::kCrossJoinUpdate, PlaceOf(fields),
                 absl::StrCat("nothing joins ", TargetOf(fields), " with ", scene.others.front(),
                              ": each row meets every row of it"));
  }
}

bool CallsSomething(const Json& value) {
  bool calls = false;
  EachNode(value, [&](const Node& node) { calls = calls || node.type == "FuncCall"; });
  return calls;
}

// A call in a default makes PostgreSQL write the whole table anew, unless the value is stable.
bool HasCalledDefault(const Json& column) {
  const Json& constraints = At(column, "constraints");
  return std::any_of(constraints.begin(), constraints.end(), [](const Json& each) {
    const Json& constraint = FieldsOf(each, "Constraint");
    const absl::string_view type = TextAt(constraint, "contype");
    return type == "CONSTR_IDENTITY" || type == "CONSTR_GENERATED" ||
           (type == "CONSTR_DEFAULT" && CallsSomething(At(constraint, "raw_expr")));
  });
}

void RemarkOnTableCommand(const Json& command, const Json& table, Findings& findings) {
  const absl::string_view what = TextAt(command, "subtype");
  const std::string name = TargetOf(table);
  const std::int64_t place = PlaceOf(table);
  const Json& column = FieldsOf(At(command, "def"), "ColumnDef");
  if (what == "AT_DisableTrig" || what == "AT_DisableTrigAll" || what == "AT_DisableTrigUser" ||
      what == "AT_EnableReplicaTrig" || what == "AT_DisableRule" ||
      what == "AT_EnableReplicaRule") {
    findings.Add(Code::kDisableTrigger, place,
                 absl::StrCat("switches triggers or rules of ", name, " off, the guard's too"));
  } else if (what == "AT_DropColumn" || what == "AT_DropConstraint") {
    findings.Add(Code::kDrop, place, absl::StrCat("drops ", TextAt(command, "name"), " of ", name));
    if (TextAt(command, "behavior") == "DROP_CASCADE") {
      findings.Add(Code::kDropCascade, place,
                   "CASCADE drops whatever depends on it, which the script does not name");
    }
  } else if (what == "AT_AlterColumnType") {
    findings.Add(Code::kLossyTypeChange, place,
                 absl::StrCat("a new type for ", TextAt(command, "name"), " of ", name,
                              ": what is lost depends on the values; the table is written anew"));
  } else if (what == "AT_SetNotNull") {
    findings.Add(Code::kSetNotNullOrDefault, place,
                 absl::StrCat("SET NOT NULL reads all of ", name, " while it is locked"));
  } else if (what == "AT_AddColumn" && HasCalledDefault(column)) {
    findings.Add(Code::kSetNotNullOrDefault, place,
                 absl::StrCat("a default that is computed may write all of ", name,
                              " anew while it is locked"));
  } else if (what == "AT_DisableRowSecurity" || what == "AT_NoForceRowSecurity") {
    findings.Add(Code::kRowSecurityOff, place, absl::StrCat("takes row-level security off ", name));
  } else if (what == "AT_ChangeOwner") {
    findings.Add(Code::kRightsChange, place, absl::StrCat("gives ", name, " to another owner"));
  }
}

void RemarkOnDrop(const Node& node, Findings& findings) {
  const Json& fields = *node.fields;
  std::vector<std::string> names;
  for (const Destruction& one : DestructionsOf(node).all) {
    const std::string whole = Shown(one.object);
    const bool of_table = !one.part.empty() && one.loss != Loss::kFunction;
    names.push_back(of_table ? absl::StrCat(one.part, " of ", whole) : whole);
  }
  const bool more = names.size() > kNamesShown;
  names.resize(std::min(names.size(), kNamesShown));
  findings.Add(
      Code::kDrop, 0,
      absl::StrCat(NatureOf(node).tag, " ", absl::StrJoin(names, ", "), more ? ", …" : ""));
  if (TextAt(fields, "behavior") == "DROP_CASCADE") {
    findings.Add(Code::kDropCascade, 0,
                 "CASCADE drops whatever depends on it, which the script does not name");
  }
}

void RemarkOnCopy(const Json& fields, Findings& findings) {
  const std::int64_t place = PlaceOf(fields);
  if (FlagAt(fields, "is_program")) {
    findings.Add(Code::kCopyProgram, place, "COPY with PROGRAM runs a program on the server");
  } else if (!TextAt(fields, "filename").empty()) {
    findings.Add(Code::kCopyFile, place, "COPY with a file name reaches files of the server");
  } else if (FlagAt(fields, "is_from")) {
    findings.Add(Code::kCopyFromStdin, place,
                 "the data of COPY FROM STDIN is not in the script; write INSERT");
  }
}

bool HasOptionNamed(const Json& options, absl::string_view name) {
  return std::any_of(options.begin(), options.end(), [&](const Json& each) {
    return TextAt(FieldsOf(each, "DefElem"), "defname") == name;
  });
}

bool IsDefiner(const Json& options) {
  return std::any_of(options.begin(), options.end(), [](const Json& each) {
    const Json& option = FieldsOf(each, "DefElem");
    return TextAt(option, "defname") == "security" &&
           FlagAt(FieldsOf(At(option, "arg"), "Boolean"), "boolval");
  });
}

// Statements that are told by their type alone.
void RemarkByType(const Node& node, Findings& findings) {
  struct Row {
    absl::string_view type;
    Code code;
    absl::string_view why;
  };
  static constexpr Row kRows[] = {
      {"TransactionStmt", Code::kTransactionControl,
       "the broker opens and ends the transaction; a script that does would escape it"},
      {"DiscardStmt", Code::kSessionAuthorization, "DISCARD resets the session that we set up"},
      {"GrantStmt", Code::kRightsChange, "changes who may do what"},
      {"GrantRoleStmt", Code::kRightsChange, "changes who belongs to which role"},
      {"AlterDefaultPrivilegesStmt", Code::kRightsChange,
       "changes the rights on objects that are made later"},
      {"AlterOwnerStmt", Code::kRightsChange, "gives an object to another owner"},
      {"ReassignOwnedStmt", Code::kRightsChange, "gives everything of a role to another"},
      {"CreateRoleStmt", Code::kRightsChange, "makes a role"},
      {"AlterRoleStmt", Code::kRightsChange, "changes a role"},
      {"AlterRoleSetStmt", Code::kRightsChange, "changes the settings of a role"},
      {"CreatePolicyStmt", Code::kRightsChange, "changes which rows are seen"},
      {"AlterPolicyStmt", Code::kRightsChange, "changes which rows are seen"},
      {"ListenStmt", Code::kListenNotify, "the session ends with the change and hears nothing"},
      {"UnlistenStmt", Code::kListenNotify, "the session ends with the change and hears nothing"},
      {"NotifyStmt", Code::kListenNotify, "speaks to whoever listens, once it is committed"},
      {"LoadStmt", Code::kDangerousFunction, "LOAD runs a library inside the server"},
      {"PrepareStmt", Code::kPreparedStatement,
       "runs only where an EXECUTE says so, and outlives a rollback"},
      {"ExecuteStmt", Code::kPreparedStatement, "runs what a PREPARE said"},
      {"DoStmt", Code::kDoBlock, "what a DO block does is counted when it is rehearsed, not read"},
  };
  for (const Row& row : kRows) {
    if (node.type == row.type) {
      findings.Add(row.code, 0, std::string(row.why));
    }
  }
}

void RemarkOnDefinition(const Node& node, Findings& findings) {
  const Json& fields = *node.fields;
  if (FlagAt(fields, "replace") && node.type != "CreatePLangStmt") {
    findings.Add(Code::kReplacesDefinition, 0, "OR REPLACE: the definition that was there is lost");
  }
  if (node.type == "CreateFunctionStmt" && IsDefiner(At(fields, "options"))) {
    findings.Add(Code::kCreateFunctionDefiner, 0,
                 "SECURITY DEFINER: whoever may call it acts with its owner's rights");
  }
  if (node.type == "AlterSeqStmt" && HasOptionNamed(At(fields, "options"), "restart")) {
    findings.Add(Code::kSequenceReset, 0, "a sequence that starts again may give keys twice");
  }
}

void RemarkOnCall(const Json& fields, Standing standing, Findings& findings) {
  const std::vector<absl::string_view> words = WordsOf(At(fields, "funcname"));
  const Judgement judgement = JudgeCall(words);
  const std::int64_t place = NumberAt(fields, "location");
  if (judgement.effect != Effect::kNone && standing == Standing::kRuns) {
    findings.statement().may_write_unseen = true;
  }
  if (!judgement.why.empty()) {
    const Code code = judgement.effect == Effect::kDangerous  ? Code::kDangerousFunction
                      : judgement.effect == Effect::kNotifies ? Code::kListenNotify
                                                              : Code::kNotRolledBack;
    findings.Add(code, place, absl::StrCat("calls ", words.back(), ", which ", judgement.why));
  }
  const Json& args = At(fields, "args");
  if (!words.empty() && words.back() == "set_config" && !args.empty()) {
    const Json& name = At(FieldsOf(args[0], "A_Const"), "sval");
    if (const std::optional<SettingVerdict> verdict = JudgeSettingName(TextAt(name, "sval"))) {
      findings.Add(verdict->code, place, verdict->why);
    }
  }
}

}  // namespace

int Findings::LineOf(std::int64_t location) const {
  const absl::string_view before =
      text_.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(location, 0)));
  return first_line_ + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

void Findings::Add(Code code, std::int64_t location, std::string why) {
  Finding finding = MakeFinding(code, LineOf(location), std::move(why));
  std::vector<Finding>& all = statement_.findings;
  if (std::find(all.begin(), all.end(), finding) == all.end()) {
    all.push_back(std::move(finding));
  }
}

void RemarkOnModification(const Node& node, Findings& findings) {
  const Json& fields = *node.fields;
  if (node.type == "UpdateStmt" || node.type == "DeleteStmt") {
    RemarkOnWhere(node, findings);
  } else if (node.type == "MergeStmt") {
    const Scene scene = SceneOf(At(fields, "relation"), At(fields, "sourceRelation"));
    if (RestrictsNothing(At(fields, "joinCondition"), scene)) {
      findings.Add(
          Code::kWhereRestrictsNothing, PlaceOf(fields),
          absl::StrCat("the ON of this MERGE lets every row of ", TargetOf(fields), " through"));
    } else if (!Joins(At(fields, "joinCondition"), scene)) {
      findings.Add(
          Code::kCrossJoinUpdate, PlaceOf(fields),
          absl::StrCat("nothing joins ", TargetOf(fields), " with what is merged into it"));
    }
  } else if (TextAt(At(fields, "onConflictClause"), "action") == "ONCONFLICT_UPDATE") {
    findings.Add(Code::kOverwritesOnConflict, PlaceOf(fields),
                 absl::StrCat("ON CONFLICT DO UPDATE writes over rows of ", TargetOf(fields)));
  }
}

void RemarkOnStatement(const Node& node, Standing standing, Findings& findings) {
  const Json& fields = *node.fields;
  if (standing == Standing::kPlanned) {
    return;
  }
  RemarkByType(node, findings);
  RemarkOnDefinition(node, findings);
  if (node.type == "AlterTableStmt") {
    for (const Json& each : At(fields, "cmds")) {
      RemarkOnTableCommand(FieldsOf(each, "AlterTableCmd"), fields, findings);
    }
  } else if (node.type == "TruncateStmt") {
    findings.Add(Code::kTruncate, 0, "TRUNCATE empties whole tables and fires no row triggers");
    if (TextAt(fields, "behavior") == "DROP_CASCADE") {
      findings.Add(Code::kDropCascade, 0, "CASCADE empties every table that refers to these");
    }
    if (FlagAt(fields, "restart_seqs")) {
      findings.Add(Code::kSequenceReset, 0, "a sequence that starts again may give keys twice");
    }
  } else if (absl::string_view(node.type).substr(0, 4) == "Drop" ||
             (node.type == "AlterDomainStmt" && TextAt(fields, "subtype") == "X")) {
    RemarkOnDrop(node, findings);
  } else if (node.type == "CopyStmt") {
    RemarkOnCopy(fields, findings);
  } else if (node.type == "VariableSetStmt") {
    SettingVerdict verdict = JudgeSet(fields);
    findings.Add(verdict.code, 0, std::move(verdict.why));
  } else if (node.type == "LockingClause") {
    findings.Add(Code::kLocksRows, 0, "locks the rows it reads until the change ends");
  }
}

void RemarkOnExpression(const Node& node, Standing standing, Findings& findings) {
  if (standing == Standing::kPlanned) {
    return;
  }
  if (node.type == "FuncCall") {
    RemarkOnCall(*node.fields, standing, findings);
  } else if (node.type == "A_Expr" && ComparesWithNull(*node.fields)) {
    findings.Add(Code::kNullComparison, NumberAt(*node.fields, "location"),
                 "a comparison with NULL is never true; write IS NULL");
  }
}

}  // namespace jit::sql
