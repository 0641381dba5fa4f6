// Connection strings, as libpq reads them.
//
// Promises: an error never repeats the string, which may hold a password. Pure but for the
// environment and the defaults that libpq has itself.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::pq {

using Keywords = std::map<std::string, std::string>;

// What the string says itself. kInvalidArgument when it is malformed.
absl::StatusOr<Keywords> ParseConninfo(const std::string& conninfo);

// The effective value of one keyword of a conninfo (with libpq's environment and defaults), such as
// "sslmode" or "host"; empty when unset. kInvalidArgument when the conninfo is malformed.
absl::StatusOr<std::string> ConninfoValue(const std::string& conninfo, absl::string_view keyword);

// The same conninfo with another database, for looking into the neighbours.
absl::StatusOr<std::string> WithDatabase(const std::string& conninfo, absl::string_view database);

// The same conninfo for another login, with its password.
absl::StatusOr<std::string> WithLogin(const std::string& conninfo, absl::string_view login,
                                      absl::string_view password);

}  // namespace jit::pq
