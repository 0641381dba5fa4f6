// The rows a statement answered.
//
// Promises: reading outside of it, or as a type it is not, answers nothing instead of ending the
// process: the other side is not trusted to have the shape we expect. Movable, not copyable.
// Thread-compatible.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

struct pg_result;

namespace jit::pq {

class Result {
 public:
  Result() = default;
  // Takes ownership.
  explicit Result(pg_result* rows);

  int rows() const;
  int columns() const;
  // How many rows an INSERT, UPDATE or DELETE touched.
  std::int64_t affected() const;
  // What the server says it did: "SELECT 1", "COMMIT", "ROLLBACK".
  absl::string_view tag() const;

  bool IsNull(int row, int column) const;
  // The text form; empty when null or not there. Lives as long as the result.
  absl::string_view Text(int row, int column) const;
  std::optional<std::int64_t> Integer(int row, int column) const;
  bool IsTrue(int row, int column) const;
  // The elements of a one-dimensional text array; empty when it is null or something else.
  std::vector<std::string> TextArray(int row, int column) const;

 private:
  struct Freer {
    void operator()(pg_result* rows) const;
  };
  std::unique_ptr<pg_result, Freer> rows_;
};

// Reads a one-dimensional array in PostgreSQL's text form; nothing when it is malformed.
std::optional<std::vector<std::string>> ParseTextArray(absl::string_view literal);

}  // namespace jit::pq
