#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/policy_files/read_file.h"
#include "broker/policy_files/table_reader.h"

namespace jit::policy_files {
namespace {

constexpr char kPgGroupGrammar[] =
    "a login is put into a NOLOGIN group role of yours: 1 to 63 characters of a-z, 0-9 and '_', "
    "not beginning with pg_ (a predefined power) or jit_ (a login of the broker)";

const char* const kAccessWords[] = {"reads", "writes"};

void ReadRole(TableReader& reader, RoleDraft& role) {
  if (const auto access = reader.Word("access", {kAccessWords[0], kAccessWords[1]})) {
    role.access = access->value == 0 ? policy::Access::kReads : policy::Access::kWrites;
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
    for (const toml::table* seat_table : reader.Tables("seats")) {
      std::optional<SeatDraft> seat = ReadSeat(file, *seat_table, what, mistakes);
      if (seat) rule.seats.push_back(*std::move(seat));
    }
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

}  // namespace

std::optional<TargetDraft> ReadTargetFile(const std::string& file, absl::string_view text,
                                          const core::TargetName& target, Mistakes& mistakes) {
  const std::optional<toml::table> document = ParseDocument(file, text, mistakes);
  if (!document) return std::nullopt;
  TargetDraft draft{target, file, {}, {}, {}};
  TableReader reader(file, *document, schema::TargetFile(), file, mistakes);
  if (const auto* roles = reader.Table("roles")) ReadRoles(file, *roles, draft, mistakes);
  ReadRules(file, reader, draft, mistakes);
  ReadBreakGlass(file, reader, draft, mistakes);
  return draft;
}

}  // namespace jit::policy_files
