// What belongs to the broker in a target: the schemas `jit` and `jit_quarantine`, and `jit_` roles.
//
// Promises: finds names, wherever the grammar has one; a name put together at run time is not in
// the text. The kit's own rights are the boundary, this says why before it is tried. Values; safe
// from any thread.
#pragma once

#include <string>

#include "broker/sql/tree.h"

namespace jit::sql {

// What of the broker's the node itself names, without the nodes below it; empty when nothing.
std::string GuardedNameIn(const Node& node);

bool IsGuardedSchema(absl::string_view name);
bool IsGuardedRole(absl::string_view name);

}  // namespace jit::sql
