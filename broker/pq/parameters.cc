#include "broker/pq/parameters.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jit::pq {

Parameters& Parameters::Text(absl::string_view value) {
  values_.emplace_back(std::string(value));
  texts_.emplace_back(value);
  return *this;
}

Parameters& Parameters::Integer(std::int64_t value) {
  values_.emplace_back(absl::StrCat(value));
  return *this;
}

Parameters& Parameters::Boolean(Truth value) {
  values_.emplace_back(value == Truth::kTrue ? "t" : "f");
  return *this;
}

Parameters& Parameters::Null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

Parameters& Parameters::TextArray(const std::vector<std::string>& values) {
  std::string literal = "{";
  for (const std::string& value : values) {
    absl::StrAppend(&literal, literal.size() > 1 ? ",\"" : "\"");
    for (const char c : value) {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += '"';
    texts_.push_back(value);
  }
  values_.emplace_back(literal + "}");
  return *this;
}

Parameters& Parameters::IntegerArray(const std::vector<std::int64_t>& values) {
  values_.emplace_back(absl::StrCat("{", absl::StrJoin(values, ","), "}"));
  return *this;
}

}  // namespace jit::pq
