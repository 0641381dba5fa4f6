#include "broker/sql/spacing.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace jit::sql {
namespace {

std::size_t PastBlockComment(absl::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const absl::string_view two = text.substr(at, 2);
    const bool mark = two == "/*" || two == "*/";
    depth += mark ? (two == "/*" ? 1 : -1) : 0;
    at += mark ? 2 : 1;
    if (depth == 0) {
      return at;
    }
  }
  return at;
}

// Past semicolons too.
std::size_t SkipGap(absl::string_view text, std::size_t at) {
  at = SkipComments(text, at).next;
  while (at < text.size() && text[at] == ';') {
    at = SkipComments(text, at + 1).next;
  }
  return at;
}

}  // namespace

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

Skipped SkipComments(absl::string_view text, std::size_t at) {
  Skipped skipped;
  while (at < text.size()) {
    if (IsSpace(text[at])) {
      at += 1;
    } else if (text.substr(at, 2) == "--") {
      const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
      skipped.comments.push_back(text.substr(at + 2, end - at - 2));
      at = end;
    } else if (text.substr(at, 2) == "/*") {
      at = PastBlockComment(text, at);
    } else {
      break;
    }
  }
  skipped.next = at;
  return skipped;
}

bool Covers(const Script& script, absl::string_view text) {
  std::size_t at = 0;
  bool first = true;
  for (const Statement& statement : script.statements) {
    const std::size_t begin = SkipGap(text, at);
    const bool apart = first || text.substr(at, begin - at).find(';') != absl::string_view::npos;
    if (!apart || statement.text.empty() || !absl::StartsWith(text.substr(begin), statement.text)) {
      return false;
    }
    at = begin + statement.text.size();
    first = false;
  }
  return SkipGap(text, at) == text.size();
}

}  // namespace jit::sql
