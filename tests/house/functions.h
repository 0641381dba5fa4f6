// How long the functions of a C++ file are.
//
// Reads braces, not C++: good enough for text that clang-format has been over, and it errs by
// measuring less, never more.
#pragma once

#include <vector>

#include "tests/house/source_file.h"

namespace jit::house {

struct FunctionSpan {
  int first_line = 0;  // of the brace that opens the body, from 1
  int lines = 0;       // from that brace to the one that closes it, both counted
};

// In order of appearance. Lambdas count as part of the function around them.
std::vector<FunctionSpan> FunctionsOf(const SourceFile& file);

}  // namespace jit::house
