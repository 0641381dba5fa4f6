#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/policy_files/read_file.h"
#include "broker/policy_files/table_reader.h"

namespace jit::policy_files {
namespace {

constexpr char kPgGroupGrammar[] =
    "a login is put into a NOLOGIN group role of yours: 1 to 63 characters of a-z, 0-9 and '_', "
    "not beginning with pg_ (a predefined power) or jit_ (a login of the broker)";

constexpr char kColumnGrammar[] =
    "write schema.table.column, each 1 to 63 characters as PostgreSQL stores them, without dots";

constexpr std::array kAccess = {policy::Access::kReads, policy::Access::kWrites,
                                policy::Access::kDefines};

constexpr std::array kKeyless = {policy::GuardTerms::Keyless::kByName,
                                 policy::GuardTerms::Keyless::kRefused,
                                 policy::GuardTerms::Keyless::kAllowed};

// Nothing when the file says that nobody guards what the role changes.
std::optional<policy::GuardTerms> ReadGuard(TableReader reader, absl::string_view what,
                                            Mistakes& mistakes) {
  using Guard = policy::GuardTerms;
  const auto attached = reader.Word("attached", {"while_open", "always", "never"});
  if (attached && attached->value == 2) {
    for (const Key& key : schema::Guard().keys) {
      if (key.name == absl::string_view("attached") || !reader.Has(key.name)) continue;
      mistakes.Add(reader.PlaceOfKey(key.name),
                   absl::StrCat("'", key.name, "' of ", what,
                                " means nothing beside 'attached = \"never\"'; take one of them "
                                "out"));
    }
    return std::nullopt;
  }
  Guard guard;
  const auto statement_rows = reader.Whole("statement_rows");
  if (statement_rows) guard.statement_rows = statement_rows->value;
  if (const auto rows = reader.Whole("session_rows")) guard.session_rows = rows->value;
  if (const auto percent = reader.Whole("share_percent")) guard.share_percent = percent->value;
  if (const auto rows = reader.Whole("share_floor")) guard.share_floor = rows->value;
  if (attached) {
    guard.attached = attached->value == 0 ? Guard::Attached::kWhileOpen : Guard::Attached::kAlways;
  }
  if (const auto keyless = reader.Word("keyless", {"by_name", "refused", "allowed"})) {
    guard.keyless = kKeyless[keyless->value];
  }
  if (guard.statement_rows > guard.session_rows) {
    mistakes.Add(
        statement_rows ? statement_rows->place : reader.PlaceOfKey("session_rows"),
        absl::StrCat("a statement may change ", guard.statement_rows, " rows and the whole lease ",
                     guard.session_rows, "; 'session_rows' must be at least 'statement_rows'"));
  }
  return guard;
}

// What only one kind of access has.
void ReadRest(const std::string& file, TableReader& reader, absl::string_view what, RoleDraft& role,
              Mistakes& mistakes) {
  role.owner = reader.Name<core::PgGroup>("owner", kPgGroupGrammar);
  const auto interactive = reader.YesNo("interactive");
  if (const toml::table* guard = reader.Table("guard")) {
    const std::string guard_what = absl::StrCat("the guard of ", what);
    role.guard = ReadGuard(TableReader(file, *guard, schema::Guard(), guard_what, mistakes),
                           guard_what, mistakes);
  }
  if (!role.access) return;
  const bool writes = *role.access == policy::Access::kWrites;
  const bool defines = *role.access == policy::Access::kDefines;
  // Nobody has to remember the guard; to do without it has to be written down.
  if (writes && !reader.Has("guard")) role.guard = policy::GuardTerms();
  if (reader.Has("guard") && !writes) {
    mistakes.Add(reader.PlaceOfKey("guard"),
                 absl::StrCat("'guard' of ", what, " is for a role that writes"));
  }
  for (const char* key : {"owner", "interactive"}) {
    if (defines || !reader.Has(key)) continue;
    mistakes.Add(reader.PlaceOfKey(key),
                 absl::StrCat("'", key, "' of ", what, " is for a role that defines"));
  }
  if (defines && !reader.Has("owner")) {
    mistakes.Add(reader.place(), absl::StrCat(what,
                                              " defines, so it needs 'owner': the role that "
                                              "owns the tables"));
  }
  if (defines && !(interactive && interactive->value)) {
    role.offered = policy::OfferedRole::Offered::kAsChangeOnly;
  }
}

void ReadRole(TableReader& reader, RoleDraft& role) {
  if (const auto access = reader.Word("access", {"reads", "writes", "defines"})) {
    role.access = kAccess[access->value];
  }
  role.member_of = reader.Names<core::PgGroup>("member_of", kPgGroupGrammar);
  role.ttl_default = reader.Time("default");
  role.ttl_max = reader.Time("longest");
  if (const auto limit = reader.Whole("connections")) role.connection_limit = limit->value;
  if (const auto time = reader.Time("statement_timeout")) role.statement_timeout = time->value;
  if (const auto time = reader.Time("lock_timeout")) role.lock_timeout = time->value;
  if (const auto time = reader.Time("idle_in_transaction_timeout")) {
    role.idle_in_transaction_timeout = time->value;
  }
}

void ReadRoles(const std::string& file, const toml::table& table, TargetDraft& draft,
               Mistakes& mistakes) {
  for (const auto& [key, node] : Entries(file, table)) {
    const std::string what = absl::StrCat("role ", Shown(key.value));
    const toml::table* body = node->as_table();
    if (body == nullptr) {
      mistakes.Add(key.place, absl::StrCat(what, " must be a table, headed [roles.<name>]"));
      continue;
    }
    TableReader reader(file, *body, schema::Role(), what, mistakes);
    const auto name = reader.ToName<core::RoleName>(key, kNameGrammar);
    if (!name) continue;
    RoleDraft role{*name, {}, {}, {}, {}};
    ReadRole(reader, role);
    ReadRest(file, reader, what, role, mistakes);
    draft.roles.push_back(std::move(role));
  }
}

std::optional<SeatDraft> ReadSeat(const std::string& file, const toml::table& table,
                                  absl::string_view of, Mistakes& mistakes) {
  const std::string what = absl::StrCat("a seat of ", of);
  TableReader reader(file, table, schema::Seat(), what, mistakes);
  const auto name = reader.Name<core::SeatName>("name");
  const auto group = reader.Name<core::GroupName>("from");
  const auto manager = reader.Word("manager_of", {"requester"});
  if (reader.Has("from") == reader.Has("manager_of")) {
    mistakes.Add(
        reader.place(),
        absl::StrCat(what, " needs either 'from', a group, or 'manager_of = \"requester\"'",
                     reader.Has("from") ? ", not both" : ""));
    return std::nullopt;
  }
  if (!name || (!group && !manager)) return std::nullopt;
  if (group) return SeatDraft{*name, {group->value, group->place}};
  return SeatDraft{*name, {policy::ManagerOfRequester{}, manager->place}};
}

std::vector<SeatDraft> ReadSeats(const std::string& file, TableReader& reader,
                                 absl::string_view key, absl::string_view of, Mistakes& mistakes) {
  std::vector<SeatDraft> seats;
  for (const toml::table* table : reader.Tables(key)) {
    std::optional<SeatDraft> seat = ReadSeat(file, *table, of, mistakes);
    if (seat) seats.push_back(*std::move(seat));
  }
  return seats;
}

void ReadWhoAndWhat(TableReader& reader, RuleDraft& rule) {
  rule.name = reader.Name<core::RuleName>("name");
  rule.who = reader.Names<core::GroupName>("who");
  rule.roles = reader.Names<core::RoleName>("roles");
  rule.ttl_max = reader.Time("longest");
}

// "rule 'write'", or by its place in the list while it has no name.
std::string RuleInWords(absl::string_view kind, const toml::table& table, std::size_t position) {
  const auto* name = table.get_as<std::string>("name");
  return name != nullptr ? absl::StrCat(kind, " ", Shown(name->get()))
                         : absl::StrCat(kind, " number ", position);
}

void ReadRules(const std::string& file, TableReader& file_reader, TargetDraft& draft,
               Mistakes& mistakes) {
  for (const toml::table* table : file_reader.Tables("rules")) {
    const std::string what = RuleInWords("rule", *table, draft.rules.size() + 1);
    TableReader reader(file, *table, schema::Rule(), what, mistakes);
    RuleDraft rule;
    rule.place = reader.place();
    ReadWhoAndWhat(reader, rule);
    rule.seats = ReadSeats(file, reader, "seats", what, mistakes);
    const auto* seats = table->get_as<toml::array>("seats");
    if (seats != nullptr && seats->empty()) rule.no_seats = reader.PlaceOfKey("seats");
    draft.rules.push_back(std::move(rule));
  }
}

void ReadBreakGlass(const std::string& file, TableReader& file_reader, TargetDraft& draft,
                    Mistakes& mistakes) {
  for (const toml::table* table : file_reader.Tables("break_glass")) {
    const std::string what = RuleInWords("break-glass rule", *table, draft.break_glass.size() + 1);
    TableReader reader(file, *table, schema::BreakGlass(), what, mistakes);
    RuleDraft rule;
    rule.place = reader.place();
    ReadWhoAndWhat(reader, rule);
    if (const toml::table* seat = reader.Table("reviewer")) {
      rule.reviewer = ReadSeat(file, *seat, what, mistakes);
    }
    if (const auto within = reader.Time("review_within")) rule.review_within = within->value;
    draft.break_glass.push_back(std::move(rule));
  }
}

bool IsColumn(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
           return !part.empty() && part.size() <= 63 &&
                  std::none_of(part.begin(), part.end(),
                               [](char c) { return absl::ascii_iscntrl(c) != 0; });
         });
}

void ReadBounds(TableReader& reader, ChangeDraft& change) {
  if (const auto percent = reader.Whole("tolerance_percent")) {
    change.tolerance_percent = percent->value;
  }
  if (const auto samples = reader.Whole("samples")) change.samples = samples->value;
  if (const auto rows = reader.Whole("rows_max")) change.rows_max = rows->value;
  if (const auto time = reader.Time("statement_timeout")) change.statement_timeout = time->value;
  if (const auto time = reader.Time("lock_timeout")) change.lock_timeout = time->value;
  if (const auto time = reader.Time("waiting_period")) change.waiting_period = time->value;
  if (const auto time = reader.Time("images_kept")) change.images_kept = time->value;
}

void ReadChanges(const std::string& file, TableReader& file_reader, TargetDraft& draft,
                 Mistakes& mistakes) {
  for (const toml::table* table : file_reader.Tables("changes")) {
    const std::string what = RuleInWords("change rule", *table, draft.changes.size() + 1);
    TableReader reader(file, *table, schema::Change(), what, mistakes);
    ChangeDraft change;
    change.rule.place = reader.place();
    ReadWhoAndWhat(reader, change.rule);
    ReadBounds(reader, change);
    change.rule.seats = ReadSeats(file, reader, "seats", what, mistakes);
    const auto seats_of = [&](absl::string_view key) -> std::optional<std::vector<SeatDraft>> {
      if (!reader.Has(key)) return std::nullopt;
      return ReadSeats(file, reader, key, what, mistakes);
    };
    change.undo_seats = seats_of("undo_seats");
    change.drop_seats = seats_of("drop_seats");
    change.unrehearsed_seats = seats_of("unrehearsed_seats");
    if (change.unrehearsed_seats && change.unrehearsed_seats->empty()) {
      mistakes.Add(reader.PlaceOfKey("unrehearsed_seats"),
                   absl::StrCat("'unrehearsed_seats' of ", what,
                                " must hold a seat: what nobody has seen run is not run without "
                                "another person"));
    }
    for (const Placed<std::string>& column : reader.Texts("masked")) {
      if (IsColumn(column.value)) {
        change.masked.insert(column.value);
      } else {
        mistakes.Add(column.place,
                     absl::StrCat(Shown(column.value), " in ", what, ": ", kColumnGrammar));
      }
    }
    draft.changes.push_back(std::move(change));
  }
}

}  // namespace

std::optional<TargetDraft> ReadTargetFile(const std::string& file, absl::string_view text,
                                          const core::TargetName& target, Mistakes& mistakes) {
  const std::optional<toml::table> document = ParseDocument(file, text, mistakes);
  if (!document) return std::nullopt;
  TargetDraft draft{target, file, {}, {}, {}, {}};
  TableReader reader(file, *document, schema::TargetFile(), file, mistakes);
  if (const auto* roles = reader.Table("roles")) ReadRoles(file, *roles, draft, mistakes);
  ReadRules(file, reader, draft, mistakes);
  ReadBreakGlass(file, reader, draft, mistakes);
  ReadChanges(file, reader, draft, mistakes);
  return draft;
}

}  // namespace jit::policy_files
