#include "broker/policy_files/parse.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/policy_files/check.h"
#include "broker/policy_files/fingerprint.h"
#include "broker/policy_files/read_file.h"
#include "broker/policy_files/table_reader.h"

namespace jit::policy_files {
namespace {

core::Directory DirectoryOf(const PeopleDraft& draft) {
  core::Directory directory;
  for (const PersonDraft& person : draft.people) {
    core::Person known{person.id.value, {}, {}, {}};
    for (const Placed<std::string>& identity : person.identities) {
      known.identities.insert(identity.value);
    }
    if (person.manager) known.manager = person.manager->value;
    for (const GroupDraft& group : draft.groups) {
      const bool member = std::any_of(
          group.members.begin(), group.members.end(),
          [&person](const Placed<core::PersonId>& id) { return id.value == person.id.value; });
      if (member) known.groups.insert(group.name.value);
    }
    directory.people.emplace(known.id, std::move(known));
  }
  return directory;
}

template <class T>
std::set<T> SetOf(const std::vector<Placed<T>>& placed) {
  std::set<T> values;
  for (const Placed<T>& each : placed) values.insert(each.value);
  return values;
}

// The drafts are without mistakes from here on: every optional part that a policy needs is there.

policy::OfferedRole RoleOf(const RoleDraft& draft) {
  policy::OfferedRole role{.name = draft.name.value, .access = *draft.access};
  for (const Placed<core::PgGroup>& group : draft.member_of) role.member_of.push_back(group.value);
  role.ttl_default = draft.ttl_default->value;
  role.ttl_max = draft.ttl_max->value;
  role.connection_limit = draft.connection_limit;
  role.statement_timeout = draft.statement_timeout;
  role.lock_timeout = draft.lock_timeout;
  role.idle_in_transaction_timeout = draft.idle_in_transaction_timeout;
  role.guard = draft.guard;
  if (draft.owner) role.owner = draft.owner->value;
  role.offered = draft.offered;
  return role;
}

std::vector<policy::Seat> SeatsOf(const std::vector<SeatDraft>& drafts) {
  std::vector<policy::Seat> seats;
  for (const SeatDraft& seat : drafts) seats.push_back({seat.name.value, seat.from.value});
  return seats;
}

policy::Rule RuleOf(const RuleDraft& draft) {
  return {draft.name->value,    SetOf(draft.who),     SetOf(draft.roles),
          draft.ttl_max->value, SeatsOf(draft.seats), {}};
}

policy::ChangeRule ChangeOf(const ChangeDraft& draft, const policy::TargetPolicy& target) {
  policy::ChangeRule rule{.name = draft.rule.name->value,
                          .who = SetOf(draft.rule.who),
                          .roles = SetOf(draft.rule.roles),
                          .seats = SeatsOf(draft.rule.seats)};
  rule.undo_seats = draft.undo_seats ? SeatsOf(*draft.undo_seats) : rule.seats;
  rule.drop_seats = draft.drop_seats ? SeatsOf(*draft.drop_seats) : rule.seats;
  if (draft.unrehearsed_seats) rule.unrehearsed_seats = SeatsOf(*draft.unrehearsed_seats);
  rule.tolerance_percent = draft.tolerance_percent;
  rule.samples = draft.samples;
  rule.masked = draft.masked;
  rule.rows_max = draft.rows_max;
  // The login of a run is a login of the role: it cannot live longer than the role allows.
  for (const core::RoleName& role : rule.roles) {
    rule.run_max = std::min(rule.run_max, target.roles.at(role).ttl_max);
  }
  if (draft.rule.ttl_max) rule.run_max = draft.rule.ttl_max->value;
  rule.statement_timeout = draft.statement_timeout;
  rule.lock_timeout = draft.lock_timeout;
  rule.waiting_period = draft.waiting_period;
  rule.images_kept = draft.images_kept;
  return rule;
}

policy::BreakGlassRule BreakGlassOf(const RuleDraft& draft) {
  return {draft.name->value,
          SetOf(draft.who),
          SetOf(draft.roles),
          draft.ttl_max->value,
          {draft.reviewer->name.value, draft.reviewer->from.value},
          *draft.review_within,
          {}};
}

policy::TargetPolicy TargetOf(const TargetDraft& draft) {
  policy::TargetPolicy target{draft.name, {}, {}, {}, {}};
  for (const RoleDraft& role : draft.roles) target.roles.emplace(role.name.value, RoleOf(role));
  for (const RuleDraft& rule : draft.rules) target.rules.push_back(RuleOf(rule));
  for (const RuleDraft& rule : draft.break_glass) target.break_glass.push_back(BreakGlassOf(rule));
  for (const ChangeDraft& change : draft.changes) {
    target.changes.push_back(ChangeOf(change, target));
  }
  return target;
}

struct Drafts {
  std::optional<PeopleDraft> people;
  std::vector<TargetDraft> targets;
};

Drafts ReadAll(const std::vector<FileText>& files, absl::Duration ttl_floor, Mistakes& mistakes) {
  Drafts drafts;
  bool people_seen = false;
  bool target_seen = false;
  for (const FileText& file : files) {
    if (absl::EndsWith(file.name, kCasesSuffix)) continue;
    if (file.name == kPeopleFile) {
      people_seen = true;
      if (file.text) drafts.people = ReadPeopleFile(file.name, *file.text, ttl_floor, mistakes);
      continue;
    }
    target_seen = true;
    const auto name = core::TargetName::Parse(absl::StripSuffix(file.name, kPolicySuffix));
    if (!name.ok()) {
      mistakes.Add(Place{file.name}, absl::StrCat("a target file is named for its target: ",
                                                  kNameGrammar, "; rename the file"));
      continue;
    }
    if (!file.text) continue;
    std::optional<TargetDraft> target = ReadTargetFile(file.name, *file.text, *name, mistakes);
    if (target) drafts.targets.push_back(*std::move(target));
  }
  if (!people_seen) {
    mistakes.Add(Place{kPeopleFile},
                 "this file is missing: it says who people are, which groups "
                 "they belong to and who manages them");
  }
  if (!target_seen) {
    mistakes.Add(Place{"<target>.toml"},
                 "there is no target file: add one, named for its target, "
                 "that says which roles are on offer to whom");
  }
  return drafts;
}

}  // namespace

ParsedPolicy ParsePolicy(const std::vector<FileText>& files, absl::Duration ttl_floor) {
  Mistakes mistakes;
  const Drafts drafts = ReadAll(files, ttl_floor, mistakes);
  if (drafts.people) {
    CheckPeople(*drafts.people, mistakes);
    for (const TargetDraft& target : drafts.targets) {
      CheckTarget(*drafts.people, target, mistakes);
    }
  }
  if (!mistakes.empty() || !drafts.people) return {std::nullopt, mistakes.Sorted()};

  policy::Policy policy;
  policy.people = DirectoryOf(*drafts.people);
  policy.offices = {SetOf(drafts.people->operators), SetOf(drafts.people->auditors)};
  policy.limits = drafts.people->limits;
  for (const TargetDraft& target : drafts.targets) {
    CheckSeats(policy.people, target, mistakes);
    policy.targets.emplace(target.name, TargetOf(target));
  }
  if (!mistakes.empty()) return {std::nullopt, mistakes.Sorted()};
  Fingerprint(policy);
  return {std::move(policy), {}};
}

}  // namespace jit::policy_files
