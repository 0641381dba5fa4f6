// The tables of accidents and of legitimate statements: text that a person can read and extend.
//
// Promises: every row is read or the program ends with what is wrong. A row is
//
//   # what goes wrong, in words
//   @ <who> <verdict>            who: writer, change, owner
//   @ <word> <text>              more, e.g. what happens meanwhile; see Case
//   SQL up to the next row
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace jit::testing {

// What becomes of a statement.
enum class Verdict {
  kPrevented,  // refused: by its reading, by privileges, by the guard before it counts
  kStopped,    // a ceiling of rows
  kCounted,    // the expectation was missed: rolled back
  kFailed,     // it failed or was killed on its way, and left nothing
  kUndone,     // it happened, and undoing it restored every row and definition
  kTold,       // no undo brings it back, which the rehearsal said; one statement does
  kPassed,     // it happened, as it should
  kLost,       // never
};
std::string VerdictWords(Verdict verdict);

struct Case {
  std::string title;
  // A person with psql whose login is guarded; a guarded change; a guarded change of definitions.
  enum class Who { kWriter, kChange, kOwner } who = Who::kWriter;
  Verdict verdict = Verdict::kPassed;
  std::string sql;
  std::string expect;     // written by the author: `orders=1`
  std::string meanwhile;  // somebody else, between the rehearsal and the execution
  std::string since;      // somebody else, after it happened and before it is undone
  std::string settle;     // takes back what somebody else did
  std::string twist;      // what happens to the client or the server; see accident_stage.cc
  int errors = 0;         // that the writer's own psql shows, on purpose
};

absl::StatusOr<std::vector<Case>> ReadCases(const std::string& path);

}  // namespace jit::testing
