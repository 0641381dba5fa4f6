#include "broker/sql/finding_code.h"

#include <cstddef>
#include <utility>

namespace jit::sql {

const std::vector<CodeRow>& AllCodes() {
  using enum Severity;
  static const std::vector<CodeRow> rows = {
      {Code::kTransactionControl, "transaction_control", kRefused},
      {Code::kTransactionControlInside, "transaction_control_inside", kRefused},
      {Code::kCopyFromStdin, "copy_from_stdin", kRefused},
      {Code::kCopyProgram, "copy_program", kRefused},
      {Code::kCopyFile, "copy_file", kRefused},
      {Code::kSessionAuthorization, "session_authorization", kRefused},
      {Code::kSettingChangesReading, "setting_changes_reading", kRefused},
      {Code::kDisableTrigger, "disable_trigger", kRefused},
      {Code::kTouchesGuard, "touches_guard", kRefused},
      {Code::kDropUnkeepable, "drop_unkeepable", kRefused},
      {Code::kNoWhere, "no_where", kDanger},
      {Code::kWhereRestrictsNothing, "where_restricts_nothing", kDanger},
      {Code::kCrossJoinUpdate, "cross_join_update", kDanger},
      {Code::kTruncate, "truncate", kDanger},
      {Code::kDrop, "drop", kDanger},
      {Code::kDropCascade, "drop_cascade", kDanger},
      {Code::kDangerousFunction, "dangerous_function", kDanger},
      {Code::kDynamicSql, "dynamic_sql", kDanger},
      {Code::kUnreadBody, "unread_body", kDanger},
      {Code::kUnknownStatement, "unknown_statement", kDanger},
      {Code::kNotInTransaction, "not_in_transaction", kDanger},
      {Code::kNullComparison, "null_comparison", kWarning},
      {Code::kLossyTypeChange, "lossy_type_change", kWarning},
      {Code::kDoBlock, "do_block", kWarning},
      {Code::kReplacesDefinition, "replaces_definition", kWarning},
      {Code::kSequenceReset, "sequence_reset", kWarning},
      {Code::kRightsChange, "rights_change", kWarning},
      {Code::kRowSecurityOff, "row_security_off", kWarning},
      {Code::kSettingWeakens, "setting_weakens", kWarning},
      {Code::kPreparedStatement, "prepared_statement", kWarning},
      {Code::kExpectationTooLate, "expectation_too_late", kWarning},
      {Code::kNotRolledBack, "not_rolled_back", kNote},
      {Code::kOverwritesOnConflict, "overwrites_on_conflict", kNote},
      {Code::kLocksRows, "locks_rows", kNote},
      {Code::kSettingKept, "setting_kept", kNote},
      {Code::kUnqualifiedName, "unqualified_name", kNote},
      {Code::kCaseFoldedName, "case_folded_name", kNote},
      {Code::kCreateFunctionDefiner, "create_function_definer", kNote},
      {Code::kListenNotify, "listen_notify", kNote},
      {Code::kSetNotNullOrDefault, "set_not_null_or_default", kNote},
  };
  return rows;
}

Finding MakeFinding(Code code, int line, std::string why) {
  const CodeRow& row = AllCodes()[static_cast<std::size_t>(code)];
  return Finding{std::string(row.word), row.severity, line, std::move(why)};
}

}  // namespace jit::sql
