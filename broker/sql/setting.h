// What a SET, RESET or set_config does to the session that the change runs in.
//
// Promises: settings that turn the session into another (a role, the way strings are read, whether
// triggers fire) are refused; those that we pin are named. Values; safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/sql/finding_code.h"
#include "broker/sql/tree.h"

namespace jit::sql {

struct SettingVerdict {
  Code code = Code::kSettingKept;
  std::string why;
};
// Of the fields of a VariableSetStmt.
SettingVerdict JudgeSet(const Json& set);

// Of a setting by name, as `set_config` takes it; nothing when it is an ordinary one.
std::optional<SettingVerdict> JudgeSettingName(absl::string_view name);

}  // namespace jit::sql
