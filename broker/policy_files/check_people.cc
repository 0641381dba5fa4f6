#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/policy_files/check.h"

namespace jit::policy_files {
namespace {

void CheckIdentities(const PeopleDraft& draft, Mistakes& mistakes) {
  std::map<std::string, core::PersonId> owners;
  for (const PersonDraft& person : draft.people) {
    for (const Placed<std::string>& identity : person.identities) {
      const auto [owner, fresh] = owners.emplace(identity.value, person.id.value);
      if (fresh) continue;
      mistakes.Add(identity.place,
                   absl::StrCat("identity ", Shown(identity.value), " belongs to person '",
                                owner->second.text(), "' already; one identity, one person"));
    }
  }
}

void CheckManagers(const PeopleDraft& draft, Mistakes& mistakes) {
  std::map<core::PersonId, const PersonDraft*> people;
  for (const PersonDraft& person : draft.people) people.emplace(person.id.value, &person);
  for (const PersonDraft& person : draft.people) {
    if (!person.manager) continue;
    if (people.find(person.manager->value) == people.end()) {
      mistakes.Add(person.manager->place,
                   absl::StrCat("manager '", person.manager->value.text(), "' of person '",
                                person.id.value.text(), "' is nobody in [people]"));
      continue;
    }
    // Up the line until it ends, or until somebody comes twice.
    std::set<core::PersonId> line;
    for (const PersonDraft* at = &person; at != nullptr && line.insert(at->id.value).second;) {
      const auto next = at->manager ? people.find(at->manager->value) : people.end();
      at = next == people.end() ? nullptr : next->second;
      if (at == &person) {
        mistakes.Add(person.manager->place,
                     absl::StrCat("person '", person.id.value.text(),
                                  "' is their own manager, directly or around a circle; whoever is "
                                  "at the top has no 'manager'"));
      }
    }
  }
}

void CheckGroups(const PeopleDraft& draft, Mistakes& mistakes) {
  std::set<core::PersonId> people;
  for (const PersonDraft& person : draft.people) people.insert(person.id.value);
  std::set<core::GroupName> groups;
  for (const GroupDraft& group : draft.groups) {
    groups.insert(group.name.value);
    for (const Placed<core::PersonId>& member : group.members) {
      if (people.count(member.value) != 0) continue;
      mistakes.Add(member.place, absl::StrCat("member '", member.value.text(), "' of group '",
                                              group.name.value.text(), "' is nobody in [people]"));
    }
  }
  for (const auto* office : {&draft.operators, &draft.auditors}) {
    for (const Placed<core::GroupName>& group : *office) {
      if (groups.count(group.value) != 0) continue;
      mistakes.Add(group.place,
                   absl::StrCat("group '", group.value.text(), "' is not in [groups]"));
    }
  }
}

}  // namespace

void CheckPeople(const PeopleDraft& people, Mistakes& mistakes) {
  CheckIdentities(people, mistakes);
  CheckManagers(people, mistakes);
  CheckGroups(people, mistakes);
}

}  // namespace jit::policy_files
