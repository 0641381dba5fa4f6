#include "broker/core/person.h"

namespace jit::core {

const Person* Directory::FindByIdentity(absl::string_view identity) const {
  const std::string wanted(identity);
  for (const auto& [id, person] : people) {
    if (person.identities.count(wanted) > 0) {
      return &person;
    }
  }
  return nullptr;
}

const Person* Directory::Find(const PersonId& id) const {
  const auto found = people.find(id);
  return found == people.end() ? nullptr : &found->second;
}

bool Directory::IsIn(const PersonId& id, const GroupName& group) const {
  const Person* person = Find(id);
  return person != nullptr && person->groups.count(group) > 0;
}

}  // namespace jit::core
