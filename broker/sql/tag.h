// What a statement is: its kind, its command tag, and whether it may run in a transaction.
//
// Promises: tags are PostgreSQL's (src/include/tcop/cmdtaglist.h); a statement that is not in the
// table is told as unknown and never taken for a harmless one. Values; safe from any thread.
#pragma once

#include <string>

#include "broker/sql/script.h"
#include "broker/sql/tree.h"

namespace jit::sql {

struct Nature {
  Kind kind = Kind::kOther;
  std::string tag;
  // Why it cannot run in a transaction; empty when it can.
  std::string outside_transaction;
};

// A tag of `???` for a statement that is not known.
Nature NatureOf(const Node& statement);

constexpr char kUnknownTag[] = "???";

// Whether an EXPLAIN runs what it explains.
bool Analyzes(const Json& explain);

}  // namespace jit::sql
