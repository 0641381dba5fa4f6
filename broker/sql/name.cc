#include "broker/sql/name.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace jit::sql {
namespace {

// What the grammar turns SQL's own type names into.
constexpr std::pair<absl::string_view, absl::string_view> kSpellings[] = {
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"bool", "boolean"},
    {"bpchar", "character"},
    {"varchar", "character varying"},
    {"numeric", "numeric"},
    {"bit", "bit"},
    {"varbit", "bit varying"},
    {"time", "time without time zone"},
    {"timetz", "time with time zone"},
    {"timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamp with time zone"},
    {"interval", "interval"},
};

bool NeedsNoQuotes(absl::string_view word) {
  return !word.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(word.front())) &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
         });
}

std::string Quoted(absl::string_view word) {
  return NeedsNoQuotes(word)
             ? std::string(word)
             : absl::StrCat("\"", absl::StrReplaceAll(word, {{"\"", "\"\""}}), "\"");
}

}  // namespace

ObjectName NameOfRelation(const Json& range_var) {
  return {std::string(TextAt(range_var, "schemaname")), std::string(TextAt(range_var, "relname"))};
}

ObjectName NameOfWords(const std::vector<absl::string_view>& words) {
  if (words.empty()) {
    return {};
  }
  const std::size_t last = words.size() - 1;
  return {last == 0 ? "" : std::string(words[last - 1]), std::string(words[last])};
}

std::string TypeText(const Json& type_name) {
  const std::vector<absl::string_view> words = WordsOf(At(type_name, "names"));
  std::string text;
  if (words.size() == 2 && words[0] == "pg_catalog") {
    for (const auto& [name, spelling] : kSpellings) {
      if (words[1] == name) {
        text = std::string(spelling);
      }
    }
  }
  if (text.empty()) {
    for (const absl::string_view word : words) {
      absl::StrAppend(&text, text.empty() ? "" : ".", Quoted(word));
    }
  }
  if (FlagAt(type_name, "pct_type")) {
    text += "%TYPE";
  }
  return At(type_name, "arrayBounds").empty() ? text : absl::StrCat(text, "[]");
}

std::string Shown(const ObjectName& name) {
  return name.schema.empty() ? name.name : absl::StrCat(name.schema, ".", name.name);
}

}  // namespace jit::sql
