// libpg_query, PostgreSQL's own parser: the only file that includes it.
//
// Promises: positions are PostgreSQL's; what does not parse is kInvalidArgument with line, column
// and the parser's reason, which repeats at most one word of the script. It moves the process's
// stderr about while it works and needs stack in proportion to the nesting of the text: for the
// worker, on a large stack, one call at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/sql/tree.h"

namespace jit::sql {

struct Piece {
  std::size_t offset = 0;
  std::size_t length = 0;  // without the semicolon
};
// The statements of a script. Empty when there is none.
absl::StatusOr<std::vector<Piece>> Split(const std::string& text);

// The tree of one statement; kInvalidArgument when the text is not exactly one.
absl::StatusOr<Json> ParseStatement(const std::string& text);

// The functions that a CREATE FUNCTION or DO in plpgsql defines.
absl::StatusOr<Json> ParsePlpgsql(const std::string& text);

}  // namespace jit::sql
