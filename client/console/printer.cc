#include "client/console/printer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/console/visible.h"

namespace jit::console {
namespace {

std::string Padded(absl::string_view text, int columns) {
  const int missing = std::max(0, columns - WidthOf(text));
  return absl::StrCat(text, std::string(static_cast<std::size_t>(missing), ' '));
}

}  // namespace

void Table::Print(const Sink& sink) const {
  if (rows_.empty()) return;
  std::vector<int> widths;
  widths.reserve(headings_.size());
  for (std::size_t column = 0; column < headings_.size(); ++column) {
    int width = WidthOf(headings_[column]);
    for (const auto& row : rows_) width = std::max(width, WidthOf(row[column]));
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t column = 0; column + 1 < cells.size(); ++column) {
      absl::StrAppend(&text, Padded(cells[column], widths[column]), "  ");
    }
    absl::StrAppend(&text, cells.back());
    return text;
  };
  *sink.stream << Styled(sink, Style::kBold, line(headings_)) << '\n';
  for (const auto& row : rows_) *sink.stream << line(row) << '\n';
}

void PrintFields(const Sink& sink, const Fields& fields) {
  int width = 0;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) width = std::max(width, WidthOf(name));
  }
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    *sink.stream << Styled(sink, Style::kFaint, Padded(name, width)) << "  " << value << '\n';
  }
}

void PrintQuoted(const Sink& sink, absl::string_view free_text) {
  const std::string visible = Visible(free_text);
  absl::string_view rest = visible;
  const int columns = std::max(20, sink.width - 4);
  while (!rest.empty()) {
    std::size_t taken = PrefixWithin(rest, columns);
    if (taken < rest.size()) {
      const std::size_t space = rest.substr(0, taken).rfind(' ');
      if (space != absl::string_view::npos && space > 0) taken = space + 1;
    }
    *sink.stream << "  | " << rest.substr(0, taken) << '\n';
    rest.remove_prefix(taken);
  }
}

std::vector<std::string> Wrap(absl::string_view text, int columns) {
  std::vector<std::string> lines;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    const bool fits = !lines.empty() && WidthOf(lines.back()) + 1 + WidthOf(word) <= columns;
    if (fits) {
      absl::StrAppend(&lines.back(), " ", word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

void PrintJson(const Sink& sink, const nlohmann::json& value) {
  using Json = nlohmann::json;
  *sink.stream << value.dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) << '\n';
}

}  // namespace jit::console
