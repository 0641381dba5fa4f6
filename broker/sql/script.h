// What a SQL script says it will do, statement by statement, before anything runs.
//
// Promises: every statement of the script is here, in order, with its own bytes; what the parser
// does not understand is an error or a finding, never left out. A reading, not a proof: what a
// function or dynamic SQL does is not in the text, so privileges and the guard stay the boundary.
// Knows PostgreSQL's grammar (of version 15) and no catalog. Values; safe to share.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace jit::sql {

constexpr std::size_t kStatementBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kScriptBytesMax = std::size_t{1024} * 1024;
constexpr std::size_t kStatementsMax = 1000;

// What a statement is, as far as the way it is run depends on it.
enum class Kind {
  kRead,  // SELECT, VALUES, TABLE, EXPLAIN without ANALYZE, SHOW
  kInsert,
  kUpdate,
  kDelete,
  kMerge,
  kTruncate,
  kCopyIn,  // COPY … FROM; its data does not travel in a script
  kCopyOut,
  kCall,  // CALL, DO
  kCreate,
  kAlter,
  kDrop,
  kRights,   // GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, ALTER OWNER
  kSetting,  // SET, RESET
  kLock,
  kTransaction,  // BEGIN, COMMIT, SAVEPOINT …: refused
  kOther,
};
std::string KindWord(Kind kind);  // lower case: `update`

// A table, view or other object as the script names it: schema may be empty.
struct ObjectName {
  std::string schema;
  std::string name;
  friend bool operator==(const ObjectName&, const ObjectName&) = default;
};

// How bad a finding is: what a reviewer must see first, and what stops a script.
enum class Severity { kNote, kWarning, kDanger, kRefused };

// One thing a reader should know, with the reason. `code` is stable and in
// docs/reference/findings.md: `no_where`, `transaction_control`.
struct Finding {
  std::string code;
  Severity severity = Severity::kWarning;
  int line = 1;     // in the script, from 1
  std::string why;  // one sentence, ours; names objects, repeats no literal
  friend bool operator==(const Finding&, const Finding&) = default;
};

// What a statement destroys and we have to keep first (DESIGN rule 15).
enum class Loss {
  kTable,
  kView,
  kMaterializedView,
  kFunction,
  kSchema,
  kSequence,
  kType,
  kIndex,
  kTrigger,
  kConstraint,
  kPolicy,
  kRule,
  kColumn,      // ALTER TABLE … DROP COLUMN
  kColumnType,  // ALTER TABLE … ALTER COLUMN … TYPE
  kRows,        // TRUNCATE
  kUnkeepable,  // anything else that destroys: `why` of the finding says what
};
std::string LossWord(Loss loss);
struct Destruction {
  Loss loss = Loss::kUnkeepable;
  ObjectName object;  // the table for a column, trigger, constraint, policy, rule
  std::string part;   // the column, trigger, constraint …; a function's argument types as
                      // written (`integer, text`), empty when the script gives none
  bool has_arguments = false;  // DROP FUNCTION f(…) rather than DROP FUNCTION f
  bool if_exists = false;
  bool cascade = false;
  bool restart_identity = false;  // TRUNCATE … RESTART IDENTITY
  friend bool operator==(const Destruction&, const Destruction&) = default;
};

struct Statement {
  std::string text;  // the statement's own bytes, without the semicolon and the space around it
  int line = 1;      // of its first byte in the script
  Kind kind = Kind::kOther;
  std::string tag;                 // `UPDATE`, `ALTER TABLE`, as PostgreSQL says it
  std::vector<ObjectName> writes;  // named as what is written, altered or dropped
  std::vector<ObjectName> reads;
  bool runs_in_transaction = true;  // false: VACUUM, CREATE INDEX CONCURRENTLY …
  // Every destruction of this statement. When the statement is nothing but destructions (a DROP, a
  // TRUNCATE), `only_destroys` is true and keeping them replaces it; an ALTER TABLE that also does
  // other things keeps first and is refused when that cannot be told apart.
  std::vector<Destruction> destroys;
  bool only_destroys = false;
  bool may_write_unseen = false;  // calls functions, DO, dynamic SQL: effects not in the text
  std::vector<Finding> findings;
  friend bool operator==(const Statement&, const Statement&) = default;
};

struct Script {
  std::vector<Statement> statements;  // at least one
  // What stands after `expect:` in the line comments before the first statement, in order, as
  // written: `orders=1 orders.deleted=0..5`. The grammar is core/change/expectation.h.
  std::vector<std::string> expectations;
  friend bool operator==(const Script&, const Script&) = default;
};

// The worst finding of a script; nothing when there is none.
std::optional<Severity> WorstOf(const Script& script);
std::string SeverityWord(Severity severity);  // `note`, `warning`, `danger`, `refused`

}  // namespace jit::sql
