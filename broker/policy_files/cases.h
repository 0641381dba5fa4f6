// What a policy is expected to answer, as a table that a stranger can read, and whether it does.
//
// Promises: the verdict of a case is the one that the broker would give, from the same functions.
// Nothing is asked of the outside. Pure; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "broker/core/policy/change_rule.h"
#include "broker/core/policy/judge.h"
#include "broker/core/policy/rule.h"
#include "broker/policy_files/mistake.h"
#include "broker/policy_files/parse.h"

namespace jit::policy_files {

// One case that was run. Equal words in `expected` and `got` are a hit.
struct CaseResult {
  Place place;
  std::string about;     // "engineer asks for writer on shop for 30m"
  std::string expected;  // as written, with the rule and what stands after the approvals
  std::string got;       // the same, as the policy answers
  bool hit() const { return expected == got; }
};

struct CasesReport {
  std::vector<CaseResult> results;   // in file order
  std::vector<Mistake> mistakes;     // cases that could not be read, and so were not run
  std::vector<std::string> untried;  // rules that decided no case: "shop: rule 'read'"
  bool AllHit() const;
};

// Runs the cases of `files` (`<target>.cases.toml`) against `policy`.
CasesReport RunCases(const policy::Policy& policy, const std::vector<FileText>& files);

// What `jit-broker policy test` prints: every miss and mistake with file, line and column, then
// one line of figures. Without a newline at the end.
std::string TextOf(const CasesReport& report);

// The same as one JSON object in canonical form: `cases`, `misses`, `mistakes`, `untried_rules`.
std::string JsonOf(const CasesReport& report);

// The verdict on a bid in the words that cases use: "opens at once", "needs reviewer, manager",
// "opens at once, owes a review by manager", "refused: no_rule_allows".
std::string VerdictOf(const absl::StatusOr<policy::Terms>& terms);
// The same for a change; without a seat: "applies at once".
std::string VerdictOf(const absl::StatusOr<policy::ChangeTerms>& terms);

}  // namespace jit::policy_files
