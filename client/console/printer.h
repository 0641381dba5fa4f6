// Tables, blocks of fields and JSON, laid out.
//
// Promises: what it is given is shown as it is, so whoever passes text that other people wrote
// passes it through Visible() first. Widths are columns on a terminal, not bytes.
// Thread-compatible.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/console/console.h"

namespace jit::console {

// Rows under headings, each column as wide as its widest cell, the last one ragged. An empty table
// prints nothing: the caller says on `err` that there is nothing.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  // As many cells as there are headings.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  void Print(const Sink& sink) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// "name      value" lines with the values aligned; fields with an empty value are left out.
using Fields = std::vector<std::pair<std::string, std::string>>;
void PrintFields(const Sink& sink, const Fields& fields);

// Free text in a frame of its own, "  | " before each line, broken at the sink's width, so that no
// line of it can pass for one of ours. Escapes it with Visible().
void PrintQuoted(const Sink& sink, absl::string_view free_text);

// Breaks text at spaces so that no line is wider than `columns`, unless a single word is.
std::vector<std::string> Wrap(absl::string_view text, int columns);

// Two spaces of indentation, keys sorted, everything outside ASCII as \u escapes, one newline.
void PrintJson(const Sink& sink, const nlohmann::json& value);

}  // namespace jit::console
