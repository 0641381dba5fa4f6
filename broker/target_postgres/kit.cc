#include "broker/target_postgres/kit.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/pq/connection.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/kit_files.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kInstallDeadline = absl::Seconds(60);

// Comments for the DBA, in front of everything.
absl::string_view Preface(KitPart part) {
  const absl::string_view wanted = part == KitPart::kTarget ? "00_target" : "00_neighbour";
  for (const auto& [name, sql] : kSqlFiles) {
    if (wanted == name) return sql;
  }
  return "";
}

bool BelongsTo(KitPart part, absl::string_view file) {
  static const auto* neighbour = new std::set<std::string>{
      "01_roles", "02_schema", "41_inventory", "42_grantors", "43_clear", "92_rights"};
  if (absl::StartsWith(file, "00_")) return false;
  return part == KitPart::kTarget || neighbour->contains(std::string(file));
}

// The last files run as the administrator again, not as jit_owner.
bool NeedsAdministrator(absl::string_view file) {
  return file == "94_verifier_digests" || file == "95_groups" || file == "96_owners";
}

absl::Status CheckOptions(const KitOptions& options) {
  const std::string& name = options.broker;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
  if (name.empty() || name.size() > 63 || !plain || absl::ascii_isdigit(name[0]) ||
      absl::StartsWith(name, "pg_") || name == "jit_owner" || name == "jit_runner") {
    return absl::InvalidArgumentError(
        "the name of the broker's login must be 1 to 63 of [a-z0-9_], not starting with a digit or "
        "pg_, and neither jit_owner nor jit_runner");
  }
  if (options.ttl_max.has_value() &&
      (*options.ttl_max < absl::Seconds(1) || *options.ttl_max > absl::Hours(24 * 365))) {
    return absl::InvalidArgumentError("the longest time must be between a second and a year");
  }
  return absl::OkStatus();
}

std::string NamesOf(const std::vector<core::PgGroup>& roles) {
  return absl::StrJoin(roles, ",", [](std::string* out, const core::PgGroup& role) {
    absl::StrAppend(out, role.text());
  });
}

// The settings that the files read. Every value has passed a check that leaves no quote in it.
std::string Settings(const KitOptions& options) {
  const std::string ttl_max = options.ttl_max.has_value()
                                  ? absl::StrCat(absl::ToInt64Seconds(*options.ttl_max), " seconds")
                                  : "";
  return absl::StrCat(
      "set local search_path = pg_catalog;\n", "set local client_min_messages = warning;\n",
      "set local lock_timeout = '5s';\n",  //
      "set local jit.broker = '", options.broker, "';\n", "set local jit.groups = '{",
      NamesOf(options.groups), "}';\n", "set local jit.owners = '{", NamesOf(options.owners),
      "}';\n", "set local jit.ttl_max = '", ttl_max, "';\n");
}

std::string Body(const KitOptions& options) {
  std::string text = Settings(options);
  bool as_administrator = true;  // until 02_schema changes the role
  for (const auto& [name, sql] : kSqlFiles) {
    if (!BelongsTo(options.part, name)) continue;
    if (NeedsAdministrator(name) && !as_administrator) {
      absl::StrAppend(&text, "\nreset role;\n");
      as_administrator = true;
    }
    if (absl::string_view(name) == "02_schema") as_administrator = false;
    absl::StrAppend(&text, "\n", sql);
  }
  if (options.part == KitPart::kTarget) {
    absl::StrAppend(&text, "\ninsert into jit.kit (version) values (", kKitVersion, ");\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> KitSql(const KitOptions& options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  return absl::StrCat(Preface(options.part), "\n\\set ON_ERROR_STOP on\nbegin;\n", Body(options),
                      "commit;\n");
}

absl::Status Install(const std::string& admin_conninfo, const KitOptions& options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  pq::StartUp start_up;
  start_up.application_name = "jit-broker install";
  start_up.statement_timeout = kInstallDeadline;
  auto connection = pq::Connection::Open(admin_conninfo, start_up);
  if (!connection.ok()) return connection.status();
  if (absl::Status begun = (*connection)->RunScript("begin", kInstallDeadline); !begun.ok()) {
    return begun;
  }
  // Ends with the connection when anything below fails.
  if (absl::Status ran = (*connection)->RunScript(Body(options), kInstallDeadline); !ran.ok()) {
    return ran;
  }
  if (options.broker_verifier.has_value()) {
    auto bound = (*connection)
                     ->Run("select set_config('jit.broker_verifier', $1, true)",
                           pq::Parameters().Text(options.broker_verifier->RevealForTarget()),
                           kInstallDeadline);
    if (!bound.ok()) return bound.status();
    absl::Status set = (*connection)
                           ->RunScript(
                               "do $$ begin execute format('alter role %I password %L', "
                               "current_setting('jit.broker'),"
                               " current_setting('jit.broker_verifier')); end $$",
                               kInstallDeadline);
    if (!set.ok()) return set;
  }
  return (*connection)->RunScript("commit", kInstallDeadline);
}

}  // namespace jit::target_postgres
