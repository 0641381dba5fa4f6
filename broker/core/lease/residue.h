// What stands differently in the schema of a target after a lease that could change it.
//
// Promises: plain values. Says what is different between two looks at the catalogs, never who did
// it: others work there as well.
#pragma once

#include <string>
#include <vector>

namespace jit::lease {

struct ResidueLine {
  enum class What { kAdded, kRemoved, kChanged } what = What::kChanged;
  std::string kind;    // as the catalogs call it: relation, function, trigger, default acl …
  std::string object;  // its name, quoted as PostgreSQL quotes it
  friend bool operator==(const ResidueLine&, const ResidueLine&) = default;
};

// Lines in the order of kind and object; at most kResidueLinesMax of them.
struct Residue {
  std::vector<ResidueLine> lines;
  int more = 0;  // how many did not fit
  friend bool operator==(const Residue&, const Residue&) = default;
};

constexpr int kResidueLinesMax = 500;
constexpr int kResidueBytesMax = 64 * 1024;  // of all texts in it

}  // namespace jit::lease
