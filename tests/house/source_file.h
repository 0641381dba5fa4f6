// The project's own text, as the house tests read it.
//
// Promises: paths are relative to the root of the project and sorted, so that a finding reads the
// same on every machine. Does not see build trees, hidden folders or what npm installed.
#pragma once

#include <string>
#include <vector>

namespace jit::house {

struct SourceFile {
  std::string path;                // "broker/core/names.h"
  std::vector<std::string> lines;  // without the newline
  bool ends_with_newline = true;
};

// What somebody has to mend. Printed as file:line: sentence.
struct Finding {
  std::string path;
  int line = 0;  // from 1; 0 when it is about the file as a whole
  std::string sentence;
  friend bool operator==(const Finding&, const Finding&) = default;
};

std::string Print(const std::vector<Finding>& findings);

// Every text file below the given folders of `root`; a folder that is not there has no files.
// "." stands for the files directly in the root.
std::vector<SourceFile> ReadTree(const std::string& root, const std::vector<std::string>& folders);

SourceFile FileOf(std::string path, const std::string& text);

bool EndsWith(const std::string& text, const std::string& end);
bool StartsWith(const std::string& text, const std::string& start);
bool IsCpp(const SourceFile& file);

// The lines of a C++ file with comments and the content of literals blanked out, so that a search
// finds code only. Line numbers and columns stay as they were.
std::vector<std::string> CodeOf(const SourceFile& file);

// Whether `word` stands in `line` with no letter, digit or underscore beside it.
bool HasWord(const std::string& line, const std::string& word);

}  // namespace jit::house
