// Names of objects out of a parse tree.
//
// Promises: what a name is made from is the tree, so it is folded and unquoted as PostgreSQL does
// it. Knows no catalog. Values; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/sql/script.h"
#include "broker/sql/tree.h"

namespace jit::sql {

ObjectName NameOfRelation(const Json& range_var);  // of the fields of a RangeVar

// From the words of a qualified name; those before schema and name (a database) are dropped.
ObjectName NameOfWords(const std::vector<absl::string_view>& words);

// A type as SQL spells it, without length: `integer`, `numeric`, `shop.color[]`.
std::string TypeText(const Json& type_name);

std::string Shown(const ObjectName& name);  // `shop.orders`, `orders`

}  // namespace jit::sql
