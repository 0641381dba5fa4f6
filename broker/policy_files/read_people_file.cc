#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/policy_files/duration.h"
#include "broker/policy_files/read_file.h"
#include "broker/policy_files/table_reader.h"

namespace jit::policy_files {
namespace {

constexpr std::size_t kIdentityBytesMax = 256;  // as broker/credential reads it from a certificate

bool IsIdentity(absl::string_view text) {
  const auto printable = [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); };
  return text.size() <= kIdentityBytesMax && std::all_of(text.begin(), text.end(), printable) &&
         text.find(':') != absl::string_view::npos && text.front() != ':';
}

void ReadPeople(const std::string& file, const toml::table& table, PeopleDraft& draft,
                Mistakes& mistakes) {
  for (const auto& [key, node] : Entries(file, table)) {
    const std::string what = absl::StrCat("person ", Shown(key.value));
    const toml::table* body = node->as_table();
    if (body == nullptr) {
      mistakes.Add(key.place, absl::StrCat(what, " must be a table, headed [people.<name>]"));
      continue;
    }
    TableReader reader(file, *body, schema::Person(), what, mistakes);
    const auto id = reader.ToName<core::PersonId>(key, kNameGrammar);
    std::vector<Placed<std::string>> identities = reader.Texts("identities");
    for (const Placed<std::string>& identity : identities) {
      if (IsIdentity(identity.value)) continue;
      mistakes.Add(
          identity.place,
          absl::StrCat(Shown(identity.value),
                       " is no URI: write the certificate's URI SAN, at most ", kIdentityBytesMax,
                       " printable characters, such as jit://shop/ann"));
    }
    std::optional<Placed<core::PersonId>> manager = reader.Name<core::PersonId>("manager");
    if (id) draft.people.push_back(PersonDraft{*id, std::move(identities), std::move(manager)});
  }
}

// The writer chooses the groups' names, so the section is made from what is there.
void ReadGroups(const std::string& file, const toml::table& table, PeopleDraft& draft,
                Mistakes& mistakes) {
  const auto entries = Entries(file, table);
  Section section{"", "the groups", {}};
  for (const auto& [key, node] : entries) {
    section.keys.push_back(
        Key{key.value.c_str(), Presence::kOptional, Kind::kNamesOrNone, "", "", "", ""});
  }
  TableReader reader(file, table, section, "the groups", mistakes);
  for (const auto& [key, node] : entries) {
    const auto name = reader.ToName<core::GroupName>(key, kNameGrammar);
    std::vector<Placed<core::PersonId>> members = reader.Names<core::PersonId>(key.value);
    if (name) draft.groups.push_back(GroupDraft{*name, std::move(members)});
  }
}

void ReadLimits(const std::string& file, const toml::table& table, absl::Duration ttl_floor,
                PeopleDraft& draft, Mistakes& mistakes) {
  TableReader reader(file, table, schema::Limits(), "the limits", mistakes);
  if (const auto shortest = reader.Time("shortest")) {
    if (shortest->value < ttl_floor) {
      mistakes.Add(shortest->place, absl::StrCat("'shortest' of the limits must be at least ",
                                                 DurationText(ttl_floor), " with this broker"));
    }
    draft.limits.ttl_min = shortest->value;
  }
  if (const auto waiting = reader.Whole("waiting_leases")) {
    draft.limits.waiting_leases_max = waiting->value;
  }
  if (const auto window = reader.Time("review_window")) draft.limits.review_window = window->value;
  if (const auto window = reader.Time("approved_window")) {
    draft.limits.approved_window = window->value;
  }
  if (const auto skew = reader.Time("clock_skew")) draft.limits.clock_skew_max = skew->value;
}

}  // namespace

std::optional<PeopleDraft> ReadPeopleFile(const std::string& file, absl::string_view text,
                                          absl::Duration ttl_floor, Mistakes& mistakes) {
  const std::optional<toml::table> document = ParseDocument(file, text, mistakes);
  if (!document) return std::nullopt;
  PeopleDraft draft;
  draft.limits.ttl_min = ttl_floor;
  TableReader reader(file, *document, schema::PeopleFile(), file, mistakes);
  if (const auto* people = reader.Table("people")) ReadPeople(file, *people, draft, mistakes);
  if (const auto* groups = reader.Table("groups")) ReadGroups(file, *groups, draft, mistakes);
  if (const auto* offices = reader.Table("offices")) {
    TableReader office(file, *offices, schema::Offices(), "the offices", mistakes);
    draft.operators = office.Names<core::GroupName>("operators");
    draft.auditors = office.Names<core::GroupName>("auditors");
  }
  if (const auto* limits = reader.Table("limits")) {
    ReadLimits(file, *limits, ttl_floor, draft, mistakes);
  }
  return draft;
}

}  // namespace jit::policy_files
