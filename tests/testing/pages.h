// Reads what the project says in its own files, so that a test can hold it to that.
//
// Promises: a file that is not there stops the test program, so that no comparison is with nothing.
// Paths are from the root of the project. Needs JIT_SOURCE_DIR, which jit_test() defines.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jit::testing {

inline std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(absl::StrCat(JIT_SOURCE_DIR, "/", path));
  if (!file) {
    std::cerr << "cannot read " << path << "\n";
    std::abort();
  }
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

// The cells of the Markdown table whose first line begins with `head`, row by row, without the
// head; backticks are taken off. Empty when there is no such table.
inline std::vector<std::vector<std::string>> TableIn(const std::string& path,
                                                     const std::string& head) {
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (const std::string& line : LinesOf(path)) {
    if (!inside) {
      inside = absl::StartsWith(line, head);
      continue;
    }
    if (!absl::StartsWith(line, "|")) {
      break;
    }
    if (absl::StartsWith(line, "|--")) {
      continue;
    }
    std::vector<std::string> cells;
    const absl::string_view trimmed = absl::StripSuffix(absl::StripPrefix(line, "|"), "|");
    for (const absl::string_view cell : absl::StrSplit(trimmed, '|')) {
      std::string text(absl::StripAsciiWhitespace(cell));
      std::string plain;
      for (const char c : text) {
        if (c != '`') {
          plain += c;
        }
      }
      cells.push_back(plain);
    }
    rows.push_back(cells);
  }
  return rows;
}

}  // namespace jit::testing
