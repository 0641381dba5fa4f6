// What a statement destroys and would have to be kept first.
//
// Promises: every object of a DROP, every table of a TRUNCATE, every column of an ALTER TABLE; what
// we know no way to keep is there as kUnkeepable. Says what the text says: what CASCADE takes along
// stands in the catalog only. Values; safe from any thread.
#pragma once

#include <vector>

#include "broker/sql/script.h"
#include "broker/sql/tree.h"

namespace jit::sql {

struct Destructions {
  std::vector<Destruction> all;
  bool nothing_else = false;  // the statement does nothing but destroy
};
Destructions DestructionsOf(const Node& statement);

}  // namespace jit::sql
