// The house rules that a machine can check, one function for all of them.
//
// Every finding says what to do instead. A limit that is bent for one file is bent here, in the
// open, with the reason beside it.
#pragma once

#include <vector>

#include "tests/house/source_file.h"

namespace jit::house {

constexpr int kLineColumnsMax = 100;
constexpr int kHeaderLinesMax = 200;
constexpr int kSourceLinesMax = 500;
constexpr int kFunctionLinesWanted = 60;  // above: told
constexpr int kFunctionLinesMax = 100;    // above: a finding

struct TidyReport {
  std::vector<Finding> findings;  // must be mended
  std::vector<Finding> advice;    // should be looked at
};

TidyReport CheckTidy(const SourceFile& file);

}  // namespace jit::house
