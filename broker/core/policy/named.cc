#include "broker/core/policy/named.h"

#include "broker/core/refusal.h"

namespace jit::policy {
namespace {

using core::Reason;
using core::Refuse;

std::string FromWords(const SeatFrom& from) {
  const core::GroupName* group = std::get_if<core::GroupName>(&from);
  return group != nullptr ? absl::StrCat("from group ", group->text())
                          : std::string("for the requester's manager");
}

bool Shares(const std::set<core::GroupName>& some, const std::set<core::GroupName>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const core::GroupName& group) { return others.count(group) > 0; });
}

}  // namespace

absl::Status CheckPerson(const Policy& policy, const core::PersonId& person) {
  const core::Person* found = policy.people.Find(person);
  if (found == nullptr) {
    return Refuse(Reason::kUnknownPerson,
                  "you are not in the directory; ask an operator to add you to the people file");
  }
  if (found->groups.empty()) {
    return Refuse(Reason::kPersonInNoGroup,
                  "you belong to no group, so no rule can name you; ask an operator to add you to "
                  "one");
  }
  return absl::OkStatus();
}

const TargetPolicy* TargetOf(const Policy& policy, const core::TargetName& name) {
  const auto found = policy.targets.find(name);
  return found == policy.targets.end() ? nullptr : &found->second;
}

const OfferedRole* RoleOf(const TargetPolicy& target, const core::RoleName& name) {
  const auto found = target.roles.find(name);
  return found == target.roles.end() ? nullptr : &found->second;
}

absl::StatusOr<const TargetPolicy*> FindTarget(const Policy& policy, const core::TargetName& name) {
  const TargetPolicy* target = TargetOf(policy, name);
  if (target == nullptr) {
    return Refuse(Reason::kUnknownTarget,
                  absl::StrCat("there is no target of that name; ", kSeeRoles));
  }
  return target;
}

absl::StatusOr<const OfferedRole*> FindRole(const TargetPolicy& target,
                                            const core::RoleName& name) {
  const OfferedRole* role = RoleOf(target, name);
  if (role == nullptr) {
    return Refuse(Reason::kUnknownRole, absl::StrCat("there is no role of that name on target ",
                                                     target.name.text(), "; ", kSeeRoles));
  }
  return role;
}

absl::Status NobodyCanSit(const Seat& seat, absl::string_view consequence) {
  return Refuse(
      Reason::kNobodyCanApprove,
      absl::StrCat("nobody could fill seat ", seat.name.text(), " (", FromWords(seat.from), "), ",
                   consequence, "; ask an operator to look at the people file"));
}

absl::Status Changed(absl::string_view what) {
  return Refuse(Reason::kPolicyChanged, what);
}

absl::StatusOr<const TargetPolicy*> RoleStillStands(const Policy& policy,
                                                    const core::TargetName& target,
                                                    const core::RoleName& role,
                                                    const std::string& fingerprint) {
  const TargetPolicy* found = TargetOf(policy, target);
  if (found == nullptr) {
    return Changed("the target is no longer in the policy");
  }
  const OfferedRole* offered = RoleOf(*found, role);
  if (offered == nullptr) {
    return Changed("the role is no longer offered on the target");
  }
  if (offered->fingerprint != fingerprint) {
    return Changed(absl::StrCat("role ", offered->name.text(), " has changed"));
  }
  return found;
}

bool IsInAny(const Policy& policy, const core::PersonId& person,
             const std::set<core::GroupName>& groups) {
  const core::Person* found = policy.people.Find(person);
  return found != nullptr && Shares(groups, found->groups);
}

}  // namespace jit::policy
