#include "broker/sql/body.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/sql/grammar.h"
#include "broker/sql/tag.h"

namespace jit::sql {
namespace {

constexpr int kDepthMax = 3;

struct Body {
  std::string language;
  std::string source;
  std::int64_t location = 0;
  bool in_text = false;  // as a string, not as BEGIN ATOMIC
};

Body BodyOf(const Node& node) {
  Body body;
  if (node.type == "DoStmt") {
    body.language = "plpgsql";
  }
  const Json& options = At(*node.fields, node.type == "DoStmt" ? "args" : "options");
  for (const Json& each : options) {
    const Json& option = FieldsOf(each, "DefElem");
    const Json& value = At(option, "arg");
    if (TextAt(option, "defname") == "language") {
      body.language = absl::AsciiStrToLower(TextAt(FieldsOf(value, "String"), "sval"));
    } else if (TextAt(option, "defname") == "as") {
      const std::vector<absl::string_view> words = WordsOf(At(FieldsOf(value, "List"), "items"));
      body.source =
          std::string(words.empty() ? TextAt(FieldsOf(value, "String"), "sval") : words.front());
      body.location = NumberAt(option, "location");
      body.in_text = true;
    }
  }
  return body;
}

// `shop.orders%ROWTYPE` can only be known from a catalog, where the parser of plpgsql gives up.
// What is read here does not depend on the type, so another one of the same shape stands in for it.
std::string WithoutCopiedTypes(absl::string_view text) {
  std::string rest;
  while (!text.empty()) {
    const std::size_t sign = std::min(text.find('%'), text.size());
    absl::StrAppend(&rest, text.substr(0, sign));
    text.remove_prefix(sign);
    const bool row = absl::StartsWithIgnoreCase(text, "%rowtype");
    if (row || absl::StartsWithIgnoreCase(text, "%type")) {
      while (!rest.empty() && (absl::ascii_isalnum(static_cast<unsigned char>(rest.back())) ||
                               absl::StrContains("_.\"", rest.substr(rest.size() - 1)))) {
        rest.pop_back();
      }
      rest += row ? "record" : "text";
      text.remove_prefix(row ? 8 : 5);
    } else if (!text.empty()) {
      rest += '%';
      text.remove_prefix(1);
    }
  }
  return rest;
}

class BodyReader {
 public:
  BodyReader(Surroundings where, Standing standing, Findings& findings)
      : where_(where), standing_(standing), findings_(findings) {}

  void ReadSql(const std::string& source) {
    const absl::StatusOr<std::vector<Piece>> pieces = Split(source);
    if (!pieces.ok()) {
      Unread("the body of the function does not parse");
      return;
    }
    for (const Piece& piece : *pieces) {
      ReadStatement(source.substr(piece.offset, piece.length), where_.first_line);
    }
  }

  void ReadPlpgsql(const Json& functions) {
    std::vector<std::pair<const Json*, std::int64_t>> pending = {{&functions, 1}};
    while (!pending.empty()) {
      const auto [value, line] = pending.back();
      pending.pop_back();
      const Node node = NodeOf(*value);
      const Json& inside = node.fields == nullptr ? *value : *node.fields;
      const std::int64_t here =
          inside.is_object() && inside.contains("lineno") ? NumberAt(inside, "lineno") : line;
      if (node.fields != nullptr) {
        Look(node, LineOf(here));
      }
      if (inside.is_structured()) {
        for (const Json& child : inside) {
          pending.emplace_back(&child, here);
        }
      }
    }
  }

  void Unread(absl::string_view why) {
    Add(Code::kUnreadBody, where_.first_line, absl::StrCat(why, ", so nobody has read it"));
  }

 private:
  int LineOf(std::int64_t line) const { return where_.first_line + static_cast<int>(line) - 1; }

  // `findings_` counts lines from the start of the outer text; these are known already.
  void Add(Code code, int line, std::string why) {
    Findings({}, line, findings_.statement()).Add(code, 0, std::move(why));
  }

  void Look(const Node& node, int line) {
    if (node.type == "PLpgSQL_stmt_commit" || node.type == "PLpgSQL_stmt_rollback") {
      Add(Code::kTransactionControlInside, line,
          "ends the transaction from within, which the broker opens and ends");
    }
    const bool dynamic = node.type == "PLpgSQL_stmt_dynexecute" ||
                         node.type == "PLpgSQL_stmt_dynfors" || node.fields->contains("dynquery");
    if (dynamic) {
      Add(Code::kDynamicSql, line, "runs SQL that is put together while it runs");
    }
    if (node.type == "PLpgSQL_stmt_assign") {
      assigned_.insert(NodeOf(At(*node.fields, "expr")).fields);
    }
    if (node.type == "PLpgSQL_expr") {
      std::string query(TextAt(*node.fields, "query"));
      if (assigned_.contains(node.fields)) {  // `a := b` is kept whole; what is computed is b
        query.erase(0, query.find('=') + 1);
      }
      ReadExpression(query, line);
    }
  }

  // A statement or an expression (`a > b`): plpgsql keeps them alike.
  void ReadExpression(const std::string& query, int line) {
    if (!ReadStatement(query, line) && !ReadStatement(absl::StrCat("SELECT ", query), line)) {
      Add(Code::kUnreadBody, line, "a part of the body does not parse, so nobody has read it");
    }
  }

  bool ReadStatement(const std::string& query, int line) {
    const absl::StatusOr<Json> tree = ParseStatement(query);
    if (tree.ok()) {
      if (absl::StartsWith(NodeOf(*tree).type, "Transaction")) {
        Add(Code::kTransactionControlInside, line,
            "ends the transaction from within, which the broker opens and ends");
      }
      Reader({query}, {line, where_.depth + 1}, findings_.statement()).Read(*tree, standing_);
    }
    return tree.ok();
  }

  Surroundings where_;
  Standing standing_;
  Findings& findings_;
  std::set<const Json*> assigned_;  // expressions that are assignments
};

}  // namespace

void ReadBody(const Node& node, absl::string_view text, const Surroundings& where,
              Standing standing, Findings& findings) {
  const Body body = BodyOf(node);
  const int line = findings.LineOf(body.location);
  BodyReader reader({line, where.depth}, standing, findings);
  if (!body.in_text) {
    return;
  }
  if (where.depth >= kDepthMax) {
    reader.Unread("the block lies too deep in other blocks");
  } else if (body.language == "sql") {
    reader.ReadSql(body.source);
  } else if (body.language == "plpgsql") {
    // The statement may be one of several in a body, so it is parsed from its own text.
    const absl::StatusOr<Json> functions = ParsePlpgsql(WithoutCopiedTypes(text));
    if (functions.ok()) {
      reader.ReadPlpgsql(*functions);
    } else {
      reader.Unread("the body does not parse");
    }
  } else {
    reader.Unread("the body is in another language than SQL or plpgsql");
  }
}

}  // namespace jit::sql
