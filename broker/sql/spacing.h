// What stands between the statements of a script: space, comments, semicolons.
//
// Promises: skips exactly what PostgreSQL's scanner skips there (comments nest). Knows no
// statement. Values; safe from any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/sql/script.h"

namespace jit::sql {

bool IsSpace(char c);

// The place of the first byte at or after `at` that is neither space nor comment, and the line
// comments on the way there, each without its two dashes.
struct Skipped {
  std::size_t next = 0;
  std::vector<absl::string_view> comments;
};
Skipped SkipComments(absl::string_view text, std::size_t at);

// Whether the statements, one after the other, are all of the text but for what this file is about:
// nothing left out, nothing added. Holds whoever made the script to the text it was made from.
bool Covers(const Script& script, absl::string_view text);

}  // namespace jit::sql
