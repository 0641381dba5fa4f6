// Short words for what the parser said, so that a test is a table of SQL and answers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/sql/analyse.h"
#include "broker/sql/script.h"

namespace jit::sql {

// The one statement of a script; a failed test and an empty statement when it is not that.
inline Statement Only(const std::string& text) {
  absl::StatusOr<Script> script = Analyse(text);
  if (!script.ok() || script->statements.size() != 1) {
    ADD_FAILURE() << text << ": " << script.status();
    return {};
  }
  return script->statements.front();
}

// Codes of findings, worst first, without `unqualified_name`, which most SQL in tests has.
inline std::string CodesOf(const Statement& statement) {
  std::vector<std::string> codes;
  for (const Finding& finding : statement.findings) {
    if (finding.code != "unqualified_name") {
      codes.push_back(finding.code);
    }
  }
  return absl::StrJoin(codes, " ");
}

inline std::string NamesOf(const std::vector<ObjectName>& names) {
  return absl::StrJoin(names, " ", [](std::string* out, const ObjectName& name) {
    absl::StrAppend(out, name.schema.empty() ? "" : name.schema + ".", name.name);
  });
}

}  // namespace jit::sql
