#include "broker/pq/conninfo.h"

#include <libpq-fe.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace jit::pq {
namespace {

// libpq's own form: key='value' with \ and ' escaped (PostgreSQL documentation, 34.1.1.1).
std::string Spell(const Keywords& keywords) {
  std::string conninfo;
  for (const auto& [keyword, value] : keywords) {
    absl::StrAppend(&conninfo, keyword, "='",
                    absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "' ");
  }
  return conninfo;
}

}  // namespace

absl::StatusOr<Keywords> ParseConninfo(const std::string& conninfo) {
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(conninfo.c_str(), &error);
  if (options == nullptr) {
    PQfreemem(error);  // it repeats the conninfo
    return absl::InvalidArgumentError("the connection string is malformed");
  }
  Keywords keywords;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') keywords[option->keyword] = option->val;
  }
  PQconninfoFree(options);
  return keywords;
}

absl::StatusOr<std::string> ConninfoValue(const std::string& conninfo, absl::string_view keyword) {
  absl::StatusOr<Keywords> keywords = ParseConninfo(conninfo);
  if (!keywords.ok()) return keywords.status();
  if (auto found = keywords->find(std::string(keyword)); found != keywords->end()) {
    return found->second;
  }
  std::string value;
  PQconninfoOption* defaults = PQconndefaults();
  for (const PQconninfoOption* option = defaults; option != nullptr && option->keyword != nullptr;
       ++option) {
    if (keyword == option->keyword && option->val != nullptr) value = option->val;
  }
  PQconninfoFree(defaults);
  return value;
}

absl::StatusOr<std::string> WithDatabase(const std::string& conninfo, absl::string_view database) {
  absl::StatusOr<Keywords> keywords = ParseConninfo(conninfo);
  if (!keywords.ok()) return keywords.status();
  (*keywords)["dbname"] = std::string(database);
  return Spell(*keywords);
}

absl::StatusOr<std::string> WithLogin(const std::string& conninfo, absl::string_view login,
                                      absl::string_view password) {
  absl::StatusOr<Keywords> keywords = ParseConninfo(conninfo);
  if (!keywords.ok()) return keywords.status();
  (*keywords)["user"] = std::string(login);
  (*keywords)["password"] = std::string(password);
  keywords->erase("passfile");
  return Spell(*keywords);
}

}  // namespace jit::pq
