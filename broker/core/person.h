// Who people are: the directory, as a value.
//
// Promises: several identities may map to one person; comparing people means comparing PersonId.
// Does not know how an identity was proved. Value; safe to share once built.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/core/names.h"

namespace jit::core {

struct Person {
  PersonId id;
  std::set<std::string> identities;  // certificate URI SANs, e.g. "jit://demo/engineer"
  std::set<GroupName> groups;
  std::optional<PersonId> manager;
};

struct Directory {
  std::map<PersonId, Person> people;

  // The person an identity belongs to; nullptr when it belongs to nobody. The pointer lives as long
  // as the directory and no longer than its next change.
  const Person* FindByIdentity(absl::string_view identity) const;
  const Person* Find(const PersonId& id) const;
  bool IsIn(const PersonId& id, const GroupName& group) const;
};

}  // namespace jit::core
