// The findings of one node of the tree, by what kind of statement or expression it is.
//
// Promises: looks at the node and what it says itself; which nodes are looked at, and whether they
// run, is the reader's business. Says names, no literals. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/sql/finding_code.h"
#include "broker/sql/script.h"
#include "broker/sql/tree.h"

namespace jit::sql {

// Whether what a tree says happens when the statement runs.
enum class Standing {
  kRuns,
  kDefined,  // in a function, rule or view that the statement makes
  kPlanned,  // EXPLAIN without ANALYZE
};

// Collects the findings of one statement. A finding that is there already is not added again.
class Findings {
 public:
  // Positions in the tree are those of `text`, whose first line is `first_line` of the script.
  Findings(absl::string_view text, int first_line, Statement& statement)
      : text_(text), first_line_(first_line), statement_(statement) {}
  void Add(Code code, std::int64_t location, std::string why);
  int LineOf(std::int64_t location) const;
  Statement& statement() { return statement_; }

 private:
  absl::string_view text_;
  int first_line_;
  Statement& statement_;
};

// UPDATE, DELETE, MERGE, INSERT.
void RemarkOnModification(const Node& node, Findings& findings);
// Every other statement, and clauses of statements.
void RemarkOnStatement(const Node& node, Standing standing, Findings& findings);
// Calls and comparisons.
void RemarkOnExpression(const Node& node, Standing standing, Findings& findings);

}  // namespace jit::sql
