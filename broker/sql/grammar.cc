#include "broker/sql/grammar.h"

#include <pg_query.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace jit::sql {
namespace {

constexpr std::size_t kReasonBytesMax = 200;

bool IsWord(absl::string_view token) {
  const bool name = std::all_of(token.begin(), token.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  const bool starts_as_one =
      !token.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(token.front()));
  return token.size() <= 63 && ((name && starts_as_one) || token.size() == 1);
}

// The parser quotes the token it stopped at. A literal, and the rest of the script after a quote
// that nobody closed, are the person's data and stay out.
std::string ReasonOf(absl::string_view message) {
  static constexpr absl::string_view kQuotes = " at or near \"";
  const std::size_t quoted = message.find(kQuotes);
  if (quoted != absl::string_view::npos) {
    absl::string_view token = message.substr(quoted + kQuotes.size());
    token.remove_suffix(token.empty() ? 0 : 1);
    if (!IsWord(token)) {
      message = message.substr(0, quoted);
    }
  }
  std::string reason(message.substr(0, kReasonBytesMax));
  for (char& c : reason) {
    c = absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c;
  }
  return reason;
}

// The parser counts characters, from 1; 0 when it knows no place.
std::string PlaceOf(absl::string_view text, int cursor) {
  if (cursor <= 0) {
    return "";
  }
  int line = 1;
  int column = 0;
  int seen = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) {
      continue;
    }
    column += 1;
    if (++seen == cursor) {
      break;
    }
    if (c == '\n') {
      line += 1;
      column = 0;
    }
  }
  return absl::StrCat("line ", line, ", column ", std::max(column, 1), ": ");
}

absl::Status Malformed(absl::string_view text, const PgQueryError& error) {
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceOf(text, error.cursorpos),
                   ReasonOf(error.message == nullptr ? "unknown" : error.message)));
}

absl::StatusOr<Json> TreeOf(const char* written) {
  Json tree = Json::parse(written == nullptr ? "" : written, nullptr, false);
  if (tree.is_discarded()) {
    return absl::InvalidArgumentError("the parser's answer cannot be read");
  }
  return tree;
}

}  // namespace

absl::StatusOr<std::vector<Piece>> Split(const std::string& text) {
  const PgQuerySplitResult result = pg_query_split_with_parser(text.c_str());
  absl::StatusOr<std::vector<Piece>> pieces = std::vector<Piece>();
  if (result.error != nullptr) {
    pieces = Malformed(text, *result.error);
  } else {
    for (int i = 0; i < result.n_stmts; ++i) {
      const std::size_t offset = static_cast<std::size_t>(result.stmts[i]->stmt_location);
      const std::size_t length = static_cast<std::size_t>(result.stmts[i]->stmt_len);
      pieces->push_back({offset, length == 0 ? text.size() - offset : length});
    }
  }
  pg_query_free_split_result(result);
  return pieces;
}

absl::StatusOr<Json> ParseStatement(const std::string& text) {
  const PgQueryParseResult result = pg_query_parse(text.c_str());
  absl::StatusOr<Json> tree =
      result.error == nullptr ? TreeOf(result.parse_tree) : Malformed(text, *result.error);
  pg_query_free_parse_result(result);
  if (!tree.ok()) {
    return tree;
  }
  Json& statements = (*tree)["stmts"];
  if (!statements.is_array() || statements.size() != 1 || !statements[0].contains("stmt")) {
    return absl::InvalidArgumentError("not exactly one statement");
  }
  Json statement = std::move(statements[0]["stmt"]);
  return statement;
}

absl::StatusOr<Json> ParsePlpgsql(const std::string& text) {
  const PgQueryPlpgsqlParseResult result = pg_query_parse_plpgsql(text.c_str());
  absl::StatusOr<Json> tree =
      result.error == nullptr ? TreeOf(result.plpgsql_funcs) : Malformed(text, *result.error);
  pg_query_free_plpgsql_parse_result(result);
  return tree;
}

}  // namespace jit::sql
