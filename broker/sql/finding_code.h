// Every finding there is, in one table: its word, how bad it is, and what it means.
//
// Promises: a code has one severity, always; codes are stable, since policies, tests and people
// name them. docs/reference/findings.md and this table are compared by a test. Values; safe to
// share.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/sql/script.h"

namespace jit::sql {

enum class Code {
  // Stops the script.
  kTransactionControl,
  kTransactionControlInside,
  kCopyFromStdin,
  kCopyProgram,
  kCopyFile,
  kSessionAuthorization,
  kSettingChangesReading,
  kDisableTrigger,
  kTouchesGuard,
  kDropUnkeepable,
  // What a reviewer sees first.
  kNoWhere,
  kWhereRestrictsNothing,
  kCrossJoinUpdate,
  kTruncate,
  kDrop,
  kDropCascade,
  kDangerousFunction,
  kDynamicSql,
  kUnreadBody,
  kUnknownStatement,
  // Depends on the rest.
  kNotInTransaction,
  kNullComparison,
  kLossyTypeChange,
  kDoBlock,
  kReplacesDefinition,
  kSequenceReset,
  kRightsChange,
  kRowSecurityOff,
  kSettingWeakens,
  kPreparedStatement,
  kExpectationTooLate,
  // Good to know.
  kNotRolledBack,
  kOverwritesOnConflict,
  kLocksRows,
  kSettingKept,
  kUnqualifiedName,
  kCaseFoldedName,
  kCreateFunctionDefiner,
  kListenNotify,
  kSetNotNullOrDefault,
};

struct CodeRow {
  Code code;
  absl::string_view word;
  Severity severity;
};
const std::vector<CodeRow>& AllCodes();  // worst first, in the order of the enumeration

Finding MakeFinding(Code code, int line, std::string why);

}  // namespace jit::sql
