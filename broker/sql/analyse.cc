#include "broker/sql/analyse.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/sql/finding_code.h"
#include "broker/sql/grammar.h"
#include "broker/sql/reader.h"
#include "broker/sql/spacing.h"
#include "broker/sql/tag.h"

namespace jit::sql {
namespace {

std::vector<std::string> ExpectationsIn(const std::vector<absl::string_view>& comments) {
  static constexpr absl::string_view kWord = "expect:";
  std::vector<std::string> expectations;
  for (const absl::string_view comment : comments) {
    const absl::string_view text = absl::StripAsciiWhitespace(comment);
    if (absl::StartsWithIgnoreCase(text, kWord)) {
      expectations.emplace_back(absl::StripAsciiWhitespace(text.substr(kWord.size())));
    }
  }
  return expectations;
}

// Whether the text is well-formed UTF-8 without NUL (RFC 3629). What the server would refuse as
// malformed, or cut short, was never read by us.
bool IsText(absl::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<std::uint8_t>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first == 0 || (first >= 0x80 && first < 0xC2) || first > 0xF4 || i + length > text.size()) {
      return false;
    }
    for (std::size_t j = 1; j < length; ++j) {
      const auto next = static_cast<std::uint8_t>(text[i + j]);
      const bool overlong =
          j == 1 && ((first == 0xE0 && next < 0xA0) || (first == 0xF0 && next < 0x90));
      const bool beyond =
          j == 1 && ((first == 0xED && next > 0x9F) || (first == 0xF4 && next > 0x8F));
      if ((next & 0xC0) != 0x80 || overlong || beyond) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

absl::Status CheckText(absl::string_view text) {
  if (text.size() > kScriptBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a script has at most ", kScriptBytesMax, " bytes"));
  }
  if (!IsText(text)) {
    return absl::InvalidArgumentError("a script is UTF-8 text without NUL bytes");
  }
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) {
    return absl::InvalidArgumentError("the script begins with a byte order mark; take it off");
  }
  return absl::OkStatus();
}

class Scripture {
 public:
  explicit Scripture(absl::string_view text) : text_(text), whole_(text) {}

  absl::StatusOr<Script> Read() {
    const absl::StatusOr<std::vector<Piece>> pieces = Split(whole_);
    if (!pieces.ok()) {
      return pieces.status();
    }
    if (pieces->empty()) {
      return absl::InvalidArgumentError("the script holds no statement");
    }
    if (pieces->size() > kStatementsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("a script has at most ", kStatementsMax, " statements"));
    }
    script_.expectations = ExpectationsIn(SkipComments(text_, 0).comments);
    for (const Piece& piece : *pieces) {
      if (absl::Status status = ReadPiece(piece); !status.ok()) {
        return status;
      }
    }
    if (!Covers(script_, text_)) {
      return absl::InvalidArgumentError("the parser left out a part of the script");
    }
    return std::move(script_);
  }

 private:
  int LineOf(std::size_t offset) const {
    return 1 + static_cast<int>(std::count(text_.begin(), text_.begin() + offset, '\n'));
  }

  absl::Status ReadPiece(const Piece& piece) {
    const absl::string_view until = text_.substr(0, piece.offset + piece.length);
    const Skipped before = SkipComments(until, piece.offset);
    absl::string_view own = until.substr(before.next);
    while (!own.empty() && IsSpace(own.back())) {
      own.remove_suffix(1);
    }
    Statement statement;
    statement.text = std::string(own);
    statement.line = LineOf(before.next);
    if (own.size() > kStatementBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", statement.line, ": a statement has at most ", kStatementBytesMax, " bytes"));
    }
    const absl::StatusOr<Json> tree = ParseStatement(statement.text);
    if (!tree.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the statement that begins in line ", statement.line, ": ", tree.status().message()));
    }
    Describe(*tree, statement);
    if (!script_.statements.empty() && !ExpectationsIn(before.comments).empty()) {
      statement.findings.push_back(
          MakeFinding(Code::kExpectationTooLate, statement.line,
                      "an expectation counts only before the first statement"));
    }
    std::stable_sort(statement.findings.begin(), statement.findings.end(),
                     [](const Finding& a, const Finding& b) {
                       return a.severity != b.severity ? a.severity > b.severity : a.line < b.line;
                     });
    script_.statements.push_back(std::move(statement));
    return absl::OkStatus();
  }

  static void Describe(const Json& tree, Statement& statement) {
    const Node node = NodeOf(tree);
    const Nature nature = NatureOf(node);
    statement.kind = nature.kind;
    statement.tag = nature.tag;
    statement.runs_in_transaction = nature.outside_transaction.empty();
    if (nature.tag == kUnknownTag) {
      statement.may_write_unseen = true;
      statement.findings.push_back(MakeFinding(Code::kUnknownStatement, statement.line,
                                               "a kind of statement that we do not know"));
    }
    if (!statement.runs_in_transaction) {
      statement.findings.push_back(
          MakeFinding(Code::kNotInTransaction, statement.line,
                      absl::StrCat(nature.outside_transaction,
                                   " cannot be rehearsed or rolled back; it needs --unrehearsed")));
    }
    if (node.type == "ExplainStmt" && Analyzes(*node.fields)) {
      statement.kind = NatureOf(NodeOf(At(*node.fields, "query"))).kind;
    }
    Reader(statement.text, {statement.line, 0}, statement).Read(tree, Standing::kRuns);
  }

  absl::string_view text_;
  std::string whole_;  // ended by a NUL, as the parser wants it
  Script script_;
};

}  // namespace

absl::StatusOr<Script> Analyse(absl::string_view text) {
  if (absl::Status status = CheckText(text); !status.ok()) {
    return status;
  }
  return Scripture(text).Read();
}

}  // namespace jit::sql
