// Every key a policy may contain, as data: what the readers accept, enforce and explain.
//
// Promises: closed. A key that is not in here is refused; docs/reference/policy.md is compared with
// this table by a test. Constant; safe from any thread.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace jit::policy_files {

enum class Presence { kRequired, kOptional };

enum class Kind {
  kName,         // 1 to 63 characters of a-z 0-9 . _ -, the first a letter or digit
  kNames,        // an array of distinct names, at least one
  kNamesOrNone,  // the same, and it may be empty
  kPgGroup,      // a PostgreSQL role
  kPgGroups,     // an array of distinct PostgreSQL roles, at least one
  kColumns,      // an array of distinct `schema.table.column`; it may be empty
  kIdentities,   // an array of distinct certificate URIs, at least one
  kTime,         // one whole number with one unit
  kWhole,        // a whole number
  kYesNo,        // true or false
  kAccess,       // "reads", "writes" or "defines"
  kAttached,     // "while_open", "always" or "never"
  kKeyless,      // "by_name", "refused" or "allowed"
  kSomebody,     // "requester"
  kPath,         // "ordinary", "break-glass" or "change"
  kPurpose,      // "script", "unrehearsed", "undo" or "drop_for_good"
  kText,         // a string
  kTable,        // a table whose keys another section lists
  kTables,       // an array of such tables
};

struct Key {
  const char* name;
  Presence presence;
  Kind kind;
  const char* lowest;     // of a time or number; otherwise empty
  const char* highest;    // of a time or number; otherwise empty
  const char* otherwise;  // what an optional key means when it is left out; else empty
  const char* meaning;
};

// One kind of table. A section whose keys are names chosen by the writer has no keys of its own.
struct Section {
  const char* title;  // as the reference heads it, for example "[limits]"
  const char* what;   // as a sentence speaks of it, for example "the limits"
  std::vector<Key> keys;
};

namespace schema {
const Section& PeopleFile();
const Section& Person();
const Section& Offices();
const Section& Limits();
const Section& TargetFile();
const Section& Role();
const Section& Guard();
const Section& Rule();
const Section& BreakGlass();
const Section& Change();
const Section& Seat();
const Section& CasesFile();
const Section& Case();
// All of them, in the order of the reference.
std::vector<const Section*> All();
}  // namespace schema

// As the reference says it: "time", "array of names".
absl::string_view WordFor(Kind kind);

}  // namespace jit::policy_files
