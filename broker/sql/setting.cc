#include "broker/sql/setting.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jit::sql {
namespace {

const std::set<std::string>& Identities() {
  static const std::set<std::string> names = {"role", "session_authorization",
                                              "session_replication_role"};
  return names;
}

// The parser read the script with the values these have from the start.
const std::set<std::string>& Readings() {
  static const std::set<std::string> names = {"standard_conforming_strings", "backslash_quote",
                                              "client_encoding", "names"};
  return names;
}

const std::set<std::string>& Transactions() {
  static const std::set<std::string> names = {"transaction",
                                              "session characteristics",
                                              "transaction_isolation",
                                              "transaction_read_only",
                                              "transaction_deferrable",
                                              "transaction snapshot",
                                              "transaction_snapshot",
                                              "default_transaction_isolation",
                                              "default_transaction_read_only",
                                              "default_transaction_deferrable"};
  return names;
}

const std::set<std::string>& Pinned() {
  static const std::set<std::string> names = {"lock_timeout",
                                              "statement_timeout",
                                              "idle_in_transaction_session_timeout",
                                              "idle_session_timeout",
                                              "deadlock_timeout",
                                              "search_path",
                                              "row_security",
                                              "synchronous_commit",
                                              "transform_null_equals",
                                              "zero_damaged_pages",
                                              "ignore_checksum_failure",
                                              "allow_system_table_mods",
                                              "timezone",
                                              "datestyle",
                                              "intervalstyle",
                                              "session_preload_libraries",
                                              "local_preload_libraries",
                                              "dynamic_library_path",
                                              "temp_tablespaces",
                                              "default_tablespace"};
  return names;
}

}  // namespace

std::optional<SettingVerdict> JudgeSettingName(absl::string_view written) {
  const std::string name = absl::AsciiStrToLower(written);
  if (Identities().contains(name)) {
    return SettingVerdict{
        Code::kSessionAuthorization,
        absl::StrCat("sets ", name,
                     ", which would make the session another's or silence triggers")};
  }
  if (Readings().contains(name)) {
    return SettingVerdict{Code::kSettingChangesReading,
                          absl::StrCat("sets ", name,
                                       ", so that the server would read the rest of "
                                       "the script in another way than we did")};
  }
  if (Transactions().contains(name)) {
    return SettingVerdict{Code::kTransactionControl,
                          "changes the transaction, which the broker opens and ends"};
  }
  if (absl::StartsWith(name, "jit.")) {
    return SettingVerdict{Code::kTouchesGuard, "sets a setting of the broker's own"};
  }
  if (Pinned().contains(name)) {
    return SettingVerdict{Code::kSettingWeakens,
                          absl::StrCat("sets ", name, ", which the broker had pinned")};
  }
  return std::nullopt;
}

SettingVerdict JudgeSet(const Json& set) {
  const absl::string_view kind = TextAt(set, "kind");
  if (kind == "VAR_RESET_ALL") {
    return {Code::kSettingWeakens, "resets every setting, those that the broker had pinned too"};
  }
  const absl::string_view name = TextAt(set, "name");
  if (std::optional<SettingVerdict> verdict = JudgeSettingName(name); verdict.has_value()) {
    return *std::move(verdict);
  }
  return {Code::kSettingKept, absl::StrCat("sets ", name, " for the statements after it")};
}

}  // namespace jit::sql
