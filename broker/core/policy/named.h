// Whom and what the rules of a policy name, and whether what they decided still stands: what every
// kind of bid is judged with.
//
// Promises: pure; safe from any thread. Only this folder's sources include it.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/core/policy/rule.h"

namespace jit::policy {

constexpr absl::string_view kSeeRoles = "`jit-access roles` lists what you may ask for";

// Refuses with kUnknownPerson or kPersonInNoGroup.
absl::Status CheckPerson(const Policy& policy, const core::PersonId& person);

// nullptr when there is none of that name.
const TargetPolicy* TargetOf(const Policy& policy, const core::TargetName& name);
const OfferedRole* RoleOf(const TargetPolicy& target, const core::RoleName& name);

// The same; refuses with kUnknownTarget or kUnknownRole. What is pointed at lives in the policy.
absl::StatusOr<const TargetPolicy*> FindTarget(const Policy& policy, const core::TargetName& name);
absl::StatusOr<const OfferedRole*> FindRole(const TargetPolicy& target, const core::RoleName& name);

bool IsInAny(const Policy& policy, const core::PersonId& person,
             const std::set<core::GroupName>& groups);

template <class AnyRule>
bool NamesPerson(const Policy& policy, const AnyRule& rule, const core::PersonId& person) {
  return IsInAny(policy, person, rule.who);
}

// kNobodyCanApprove, naming the seat.
absl::Status NobodyCanSit(const Seat& seat, absl::string_view consequence);

// kPolicyChanged.
absl::Status Changed(absl::string_view what);

// The target of a role that is still offered as it was; else kPolicyChanged.
absl::StatusOr<const TargetPolicy*> RoleStillStands(const Policy& policy,
                                                    const core::TargetName& target,
                                                    const core::RoleName& role,
                                                    const std::string& fingerprint);

// Which rule decided, and for whom.
struct Decided {
  const core::RuleName& rule;
  const std::string& fingerprint;
  const core::PersonId& requester;
};

template <class AnyRule>
absl::Status RuleStillStands(const Policy& policy, const std::vector<AnyRule>& rules,
                             const Decided& decided) {
  const auto rule = std::find_if(rules.begin(), rules.end(),
                                 [&](const AnyRule& each) { return each.name == decided.rule; });
  if (rule == rules.end()) {
    return Changed(absl::StrCat("rule ", decided.rule.text(), ", which decided, is gone"));
  }
  if (rule->fingerprint != decided.fingerprint) {
    return Changed(absl::StrCat("rule ", decided.rule.text(), ", which decided, has changed"));
  }
  if (!NamesPerson(policy, *rule, decided.requester)) {
    return Changed(absl::StrCat("rule ", decided.rule.text(), " no longer names the requester"));
  }
  return absl::OkStatus();
}

}  // namespace jit::policy
