#include "broker/use_cases/read_script.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/refusal.h"

namespace jit::use_cases {
namespace {

change::Severity SeverityOf(sql::Severity severity) {
  switch (severity) {
    case sql::Severity::kNote:
      return change::Severity::kNote;
    case sql::Severity::kWarning:
      return change::Severity::kWarning;
    case sql::Severity::kDanger:
      return change::Severity::kDanger;
    case sql::Severity::kRefused:
      break;
  }
  return change::Severity::kRefused;
}

std::vector<change::Finding> Told(const std::vector<sql::Finding>& findings) {
  std::vector<change::Finding> told;
  for (const sql::Finding& finding : findings) {
    told.push_back({finding.code, SeverityOf(finding.severity), finding.line, finding.why});
  }
  return told;
}

}  // namespace

absl::StatusOr<sql::Script> ReadScript(Ports& ports, const std::string& script) {
  if (script.size() > change::kScriptBytesMax) {
    return core::Refuse(core::Reason::kScriptTooLarge,
                        "a script may be 1 MiB at most; split it into several changes");
  }
  if (ports.reader == nullptr) {
    return absl::UnavailableError("this broker has no parser for scripts");
  }
  absl::StatusOr<sql::Script> read = ports.reader->Read(script);
  if (!read.ok() && absl::IsInvalidArgument(read.status())) {
    return core::Refuse(core::Reason::kMalformedScript, read.status().message());
  }
  return read;
}

absl::Status CheckScript(const sql::Script& script, policy::Purpose purpose) {
  for (const sql::Statement& statement : script.statements) {
    for (const sql::Finding& finding : statement.findings) {
      if (finding.severity != sql::Severity::kRefused) continue;
      return core::Refuse(core::Reason::kScriptRefused,
                          absl::StrCat("line ", finding.line, ": ", finding.why));
    }
  }
  if (purpose == policy::Purpose::kUnrehearsed) return absl::OkStatus();
  const auto found =
      std::find_if(script.statements.begin(), script.statements.end(),
                   [](const sql::Statement& each) { return !each.runs_in_transaction; });
  if (found == script.statements.end()) return absl::OkStatus();
  return core::Refuse(
      core::Reason::kUnrehearsedNotAllowed,
      absl::StrCat("line ", found->line, ": ", found->tag,
                   " cannot run in a transaction, so it can be neither rehearsed nor rolled back; "
                   "plan it with --unrehearsed, where policy allows that"));
}

std::vector<change::Finding> FindingsOf(const std::vector<sql::Statement>& statements) {
  std::vector<change::Finding> told;
  for (const sql::Statement& statement : statements) {
    const std::vector<change::Finding> findings = Told(statement.findings);
    told.insert(told.end(), findings.begin(), findings.end());
  }
  return told;
}

void AddFindings(const std::vector<sql::Statement>& statements, change::Report& report) {
  const std::size_t both = std::min(statements.size(), report.statements.size());
  for (std::size_t i = 0; i < both; ++i) {
    std::vector<change::Finding> findings = Told(statements[i].findings);
    std::vector<change::Finding>& told = report.statements[i].findings;
    // What was read comes first, then what showed when it ran.
    told.insert(told.begin(), findings.begin(), findings.end());
  }
}

}  // namespace jit::use_cases
