// A script as text, read into what a run needs and what its author has to be told.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/core/change/change.h"
#include "broker/core/change/report.h"
#include "broker/sql/script.h"
#include "broker/use_cases/ports.h"

namespace jit::use_cases {

// Refuses with kMalformedScript (with the parser's own sentence) and kScriptTooLarge; kUnavailable
// when there is no parser to ask.
absl::StatusOr<sql::Script> ReadScript(Ports& ports, const std::string& script);

// Whether a script may be rehearsed for this purpose. Refuses with kScriptRefused (the first
// refused finding, with its line) and kUnrehearsedNotAllowed (a statement that cannot run in a
// transaction, unless the purpose is to run it unrehearsed).
absl::Status CheckScript(const sql::Script& script, policy::Purpose purpose);

// Everything that was read of the statements, in their order.
std::vector<change::Finding> FindingsOf(const std::vector<sql::Statement>& statements);

// Puts what was read of each statement into the report of its run.
void AddFindings(const std::vector<sql::Statement>& statements, change::Report& report);

}  // namespace jit::use_cases
