// What a WHERE restricts, as far as its text tells.
//
// Promises: says so only when sure by the text alone, whatever the rows hold (a comparison with
// NULL aside); what it cannot tell it takes for a restriction. So it finds slips, not intent: what
// a statement really touches is counted when it is rehearsed. Values; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/sql/tree.h"

namespace jit::sql {

// What an UPDATE or DELETE works on, and what it is joined with.
struct Scene {
  absl::string_view table;                // as it is called there: the alias, or the name
  const Json* target = nullptr;           // the fields of its RangeVar
  std::vector<absl::string_view> others;  // FROM or USING, as they are called there
};
Scene SceneOf(const Json& target, const Json& others);

// Whether every row of the target passes, or none is left out but by NULL.
bool RestrictsNothing(const Json& where, const Scene& scene);

// Whether each way through the condition compares the target with something it is joined with.
bool Joins(const Json& where, const Scene& scene);

// `= NULL`, `<> NULL`, `NOT IN (…, NULL)`: never true.
bool ComparesWithNull(const Json& expression);

}  // namespace jit::sql
