#include "broker/sql/script.h"

#include <algorithm>

namespace jit::sql {

std::string KindWord(Kind kind) {
  switch (kind) {
    case Kind::kRead:
      return "read";
    case Kind::kInsert:
      return "insert";
    case Kind::kUpdate:
      return "update";
    case Kind::kDelete:
      return "delete";
    case Kind::kMerge:
      return "merge";
    case Kind::kTruncate:
      return "truncate";
    case Kind::kCopyIn:
      return "copy_in";
    case Kind::kCopyOut:
      return "copy_out";
    case Kind::kCall:
      return "call";
    case Kind::kCreate:
      return "create";
    case Kind::kAlter:
      return "alter";
    case Kind::kDrop:
      return "drop";
    case Kind::kRights:
      return "rights";
    case Kind::kSetting:
      return "setting";
    case Kind::kLock:
      return "lock";
    case Kind::kTransaction:
      return "transaction";
    case Kind::kOther:
      return "other";
  }
  return "other";
}

std::string LossWord(Loss loss) {
  switch (loss) {
    case Loss::kTable:
      return "table";
    case Loss::kView:
      return "view";
    case Loss::kMaterializedView:
      return "materialized_view";
    case Loss::kFunction:
      return "function";
    case Loss::kSchema:
      return "schema";
    case Loss::kSequence:
      return "sequence";
    case Loss::kType:
      return "type";
    case Loss::kIndex:
      return "index";
    case Loss::kTrigger:
      return "trigger";
    case Loss::kConstraint:
      return "constraint";
    case Loss::kPolicy:
      return "policy";
    case Loss::kRule:
      return "rule";
    case Loss::kColumn:
      return "column";
    case Loss::kColumnType:
      return "column_type";
    case Loss::kRows:
      return "rows";
    case Loss::kUnkeepable:
      return "unkeepable";
  }
  return "unkeepable";
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
  return "refused";
}

std::optional<Severity> WorstOf(const Script& script) {
  std::optional<Severity> worst;
  for (const Statement& statement : script.statements) {
    for (const Finding& finding : statement.findings) {
      worst = std::max(worst.value_or(Severity::kNote), finding.severity);
    }
  }
  return worst;
}

}  // namespace jit::sql
