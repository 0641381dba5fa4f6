// A parse tree as libpg_query writes it in JSON, and how to walk it.
//
// Promises: reading what is not there gives nothing (null, "", 0, false), never an error; a walk
// keeps its own stack, so that no nesting in a script can exhaust ours. Fields with the value zero
// are missing in these trees. Knows no SQL. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace jit::sql {

using Json = nlohmann::json;

const Json& At(const Json& object, absl::string_view key);
absl::string_view TextAt(const Json& object, absl::string_view key);
std::int64_t NumberAt(const Json& object, absl::string_view key);
bool FlagAt(const Json& object, absl::string_view key);

// Where a slot of the grammar takes any node, the tree says which one it is: {"RangeVar": {…}}.
// Where it takes only one kind, it holds the fields alone; the kinds that matter here are told by
// the fields that only they have. An empty type: no node.
struct Node {
  absl::string_view type;
  const Json* fields = nullptr;
};
Node NodeOf(const Json& value);

// The fields of the value if it is a node of that type, or null.
const Json& FieldsOf(const Json& value, absl::string_view type);

// Whether two trees are alike but for where they stand in the text.
bool SameShape(const Json& left, const Json& right);

// The words of a list of String nodes, in order; other nodes are skipped.
std::vector<absl::string_view> WordsOf(const Json& list);

// Calls `visit(node)` for every node below and including `root`, outer ones first. Fields come in
// the order of their names, which is not the order of the text.
template <class Visit>
void EachNode(const Json& root, Visit visit) {
  std::vector<const Json*> pending = {&root};
  while (!pending.empty()) {
    const Json& value = *pending.back();
    pending.pop_back();
    const Node node = NodeOf(value);
    if (!node.type.empty()) {
      visit(node);
    }
    const Json& inside = node.fields == nullptr ? value : *node.fields;
    if (inside.is_structured()) {
      for (auto child = inside.rbegin(); child != inside.rend(); ++child) {
        pending.push_back(&*child);
      }
    }
  }
}

}  // namespace jit::sql
