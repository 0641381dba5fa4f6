#include "broker/pq/result.h"

#include <libpq-fe.h>

#include "absl/strings/numbers.h"

namespace jit::pq {

void Result::Freer::operator()(pg_result* rows) const {
  PQclear(rows);
}

Result::Result(pg_result* rows) : rows_(rows) {}

int Result::rows() const {
  return rows_ ? PQntuples(rows_.get()) : 0;
}

int Result::columns() const {
  return rows_ ? PQnfields(rows_.get()) : 0;
}

std::int64_t Result::affected() const {
  std::int64_t count = 0;
  if (!rows_ || !absl::SimpleAtoi(PQcmdTuples(rows_.get()), &count)) return 0;
  return count;
}

absl::string_view Result::tag() const {
  return rows_ ? absl::string_view(PQcmdStatus(rows_.get())) : absl::string_view();
}

bool Result::IsNull(int row, int column) const {
  return row < 0 || column < 0 || row >= rows() || column >= columns() ||
         PQgetisnull(rows_.get(), row, column) != 0;
}

absl::string_view Result::Text(int row, int column) const {
  if (IsNull(row, column)) return "";
  return {PQgetvalue(rows_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(rows_.get(), row, column))};
}

std::optional<std::int64_t> Result::Integer(int row, int column) const {
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(Text(row, column), &value)) return std::nullopt;
  return value;
}

bool Result::IsTrue(int row, int column) const {
  return Text(row, column) == "t";
}

std::vector<std::string> Result::TextArray(int row, int column) const {
  return ParseTextArray(Text(row, column)).value_or(std::vector<std::string>());
}

std::optional<std::vector<std::string>> ParseTextArray(absl::string_view literal) {
  if (literal.size() < 2 || literal.front() != '{' || literal.back() != '}') return std::nullopt;
  const absl::string_view body = literal.substr(1, literal.size() - 2);
  std::vector<std::string> elements;
  std::size_t i = 0;
  while (i < body.size()) {
    std::string element;
    if (body[i] == '"') {
      for (++i; i < body.size() && body[i] != '"'; ++i) {
        if (body[i] == '\\' && ++i == body.size()) return std::nullopt;
        element += body[i];
      }
      if (i == body.size()) return std::nullopt;
      ++i;
    } else {
      for (; i < body.size() && body[i] != ','; ++i) {
        if (body[i] == '{' || body[i] == '}' || body[i] == '"') return std::nullopt;
        element += body[i];
      }
    }
    elements.push_back(element);
    if (i < body.size()) {
      if (body[i] != ',' || ++i == body.size()) return std::nullopt;
    }
  }
  return elements;
}

}  // namespace jit::pq
