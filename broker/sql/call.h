// What is known of PostgreSQL's own functions by name.
//
// Promises: a function that is not in a list is one whose effects are unknown. Knows names, no
// catalog: a function of the application may carry a name of PostgreSQL's. Safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jit::sql {

enum class Effect {
  kNone,           // computes and nothing else
  kUnknown,        // not PostgreSQL's, or not known to us
  kNotRolledBack,  // stays when the transaction is rolled back
  kDangerous,      // reaches beyond the transaction
  kNotifies,
};
struct Judgement {
  Effect effect = Effect::kUnknown;
  absl::string_view why;  // completes "calls pg_sleep, which …"
};
// Of the words of a function's qualified name.
Judgement JudgeCall(const std::vector<absl::string_view>& words);

}  // namespace jit::sql
