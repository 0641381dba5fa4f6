#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/policy_files/check.h"
#include "broker/policy_files/duration.h"

namespace jit::policy_files {
namespace {

const RoleDraft* FindRole(const TargetDraft& target, const core::RoleName& name) {
  for (const RoleDraft& role : target.roles) {
    if (role.name.value == name) return &role;
  }
  return nullptr;
}

std::string NameOf(const RuleDraft& rule) {
  return rule.name ? absl::StrCat("rule '", rule.name->value.text(), "'") : "this rule";
}

std::vector<const RuleDraft*> AllRules(const TargetDraft& target) {
  std::vector<const RuleDraft*> all;
  for (const RuleDraft& rule : target.rules) all.push_back(&rule);
  for (const RuleDraft& rule : target.break_glass) all.push_back(&rule);
  for (const ChangeDraft& change : target.changes) all.push_back(&change.rule);
  return all;
}

void CheckRuleNames(const TargetDraft& target, Mistakes& mistakes) {
  std::map<core::RuleName, Place> names;
  std::vector<const RuleDraft*> in_order = AllRules(target);
  std::sort(in_order.begin(), in_order.end(),
            [](const RuleDraft* a, const RuleDraft* b) { return a->place < b->place; });
  for (const RuleDraft* rule : in_order) {
    if (!rule->name) continue;
    const auto [first, fresh] = names.emplace(rule->name->value, rule->name->place);
    if (fresh) continue;
    mistakes.Add(rule->name->place,
                 absl::StrCat("another rule is named '", rule->name->value.text(), "' on line ",
                              first->second.line, "; every rule of a file has its own name"));
  }
}

void CheckGroupKnown(const std::set<core::GroupName>& groups, const core::GroupName& group,
                     const Place& place, Mistakes& mistakes) {
  if (groups.count(group) != 0) return;
  mistakes.Add(place, absl::StrCat("group '", group.text(), "' is not in [groups] of people.toml"));
}

void CheckSeatNames(const std::set<core::GroupName>& groups, const RuleDraft& rule,
                    const std::vector<SeatDraft>& seats, Mistakes& mistakes) {
  std::set<core::SeatName> names;
  for (const SeatDraft& seat : seats) {
    if (!names.insert(seat.name.value).second) {
      mistakes.Add(seat.name.place, absl::StrCat("another seat of ", NameOf(rule), " is named '",
                                                 seat.name.value.text(), "'; rename one"));
    }
    if (const auto* group = std::get_if<core::GroupName>(&seat.from.value)) {
      CheckGroupKnown(groups, *group, seat.from.place, mistakes);
    }
  }
}

void CheckShortest(const PeopleDraft& people, const RuleDraft& rule, Mistakes& mistakes) {
  if (!rule.ttl_max || rule.ttl_max->value >= people.limits.ttl_min) return;
  mistakes.Add(rule.ttl_max->place, absl::StrCat("'longest' of ", NameOf(rule),
                                                 " must not be below the shortest lease, ",
                                                 DurationText(people.limits.ttl_min)));
}

void CheckLongest(const TargetDraft& target, const RuleDraft& rule, Mistakes& mistakes) {
  if (!rule.ttl_max) return;
  for (const Placed<core::RoleName>& name : rule.roles) {
    const RoleDraft* role = FindRole(target, name.value);
    if (role == nullptr || !role->ttl_max || rule.ttl_max->value <= role->ttl_max->value) continue;
    mistakes.Add(rule.ttl_max->place,
                 absl::StrCat("'longest' of ", NameOf(rule), " is above the ",
                              DurationText(role->ttl_max->value), " of its role '",
                              name.value.text(), "'; lower this one or raise that one"));
  }
}

void CheckRule(const std::set<core::GroupName>& groups, const TargetDraft& target,
               const RuleDraft& rule, Mistakes& mistakes) {
  for (const Placed<core::GroupName>& group : rule.who) {
    CheckGroupKnown(groups, group.value, group.place, mistakes);
  }
  for (const Placed<core::RoleName>& role : rule.roles) {
    if (FindRole(target, role.value) != nullptr) continue;
    mistakes.Add(role.place,
                 absl::StrCat("role '", role.value.text(), "' is not in [roles] of ", target.file));
  }
  CheckSeatNames(groups, rule, rule.seats, mistakes);
  CheckLongest(target, rule, mistakes);
}

void CheckLeaseRule(const PeopleDraft& people, const std::set<core::GroupName>& groups,
                    const TargetDraft& target, const RuleDraft& rule, Mistakes& mistakes) {
  CheckRule(groups, target, rule, mistakes);
  CheckShortest(people, rule, mistakes);
  if (rule.reviewer) CheckSeatNames(groups, rule, {*rule.reviewer}, mistakes);
  for (const Placed<core::RoleName>& name : rule.roles) {
    const RoleDraft* role = FindRole(target, name.value);
    if (role == nullptr) continue;
    if (role->offered == policy::OfferedRole::Offered::kAsLease) {
      if (role->access == policy::Access::kDefines && rule.no_seats) {
        mistakes.Add(*rule.no_seats,
                     absl::StrCat(NameOf(rule), " opens role '", name.value.text(),
                                  "', which defines, so it needs a seat: whoever could sit there "
                                  "accepts what such a lease leaves in the schema"));
      }
      continue;
    }
    mistakes.Add(name.place, absl::StrCat("role '", name.value.text(),
                                          "' is offered as a change only, so ", NameOf(rule),
                                          " cannot open it; take it out, or write 'interactive = "
                                          "true' in the role"));
  }
}

void CheckChangeRule(const std::set<core::GroupName>& groups, const TargetDraft& target,
                     const ChangeDraft& change, Mistakes& mistakes) {
  CheckRule(groups, target, change.rule, mistakes);
  for (const auto* seats : {&change.undo_seats, &change.drop_seats, &change.unrehearsed_seats}) {
    if (seats->has_value()) CheckSeatNames(groups, change.rule, **seats, mistakes);
  }
  for (const Placed<core::RoleName>& name : change.rule.roles) {
    const RoleDraft* role = FindRole(target, name.value);
    if (role == nullptr || role->access != policy::Access::kReads) continue;
    mistakes.Add(name.place,
                 absl::StrCat("role '", name.value.text(), "' only reads, so a change of ",
                              NameOf(change.rule), " could change nothing with it; take it out"));
  }
}

bool Offers(const RuleDraft& rule, const core::RoleName& role) {
  return std::any_of(rule.roles.begin(), rule.roles.end(),
                     [&role](const Placed<core::RoleName>& name) { return name.value == role; });
}

void CheckRole(const PeopleDraft& people, const TargetDraft& target, const RoleDraft& role,
               Mistakes& mistakes) {
  const std::string name = absl::StrCat("role '", role.name.value.text(), "'");
  if (role.ttl_default && role.ttl_default->value < people.limits.ttl_min) {
    mistakes.Add(role.ttl_default->place,
                 absl::StrCat("'default' of ", name, " must not be below the shortest lease, ",
                              DurationText(people.limits.ttl_min)));
  }
  if (role.ttl_default && role.ttl_max && role.ttl_default->value > role.ttl_max->value) {
    mistakes.Add(role.ttl_default->place,
                 absl::StrCat("'default' of ", name, " must not be above its 'longest', ",
                              DurationText(role.ttl_max->value)));
  }
  const bool joins_owner =
      !role.owner || role.access != policy::Access::kDefines ||
      std::any_of(role.member_of.begin(), role.member_of.end(),
                  [&role](const auto& group) { return group.value == role.owner->value; });
  if (!joins_owner) {
    mistakes.Add(
        role.owner->place,
        absl::StrCat("owner '", role.owner->value.text(), "' must stand in 'member_of' of ", name,
                     ": the login owns the tables by being its member"));
  }
  const std::vector<const RuleDraft*> rules = AllRules(target);
  const bool offered = std::any_of(rules.begin(), rules.end(), [&role](const RuleDraft* rule) {
    return Offers(*rule, role.name.value);
  });
  if (!offered) {
    mistakes.Add(role.name.place, absl::StrCat("no rule offers ", name,
                                               ", so nobody may ask for it; add it to the "
                                               "'roles' of a rule, or take it out"));
  }
}

template <class T>
bool Covers(const std::vector<Placed<T>>& wide, const std::vector<Placed<T>>& narrow) {
  return std::all_of(narrow.begin(), narrow.end(), [&wide](const Placed<T>& each) {
    return std::any_of(wide.begin(), wide.end(),
                       [&each](const Placed<T>& other) { return other.value == each.value; });
  });
}

// The first rule that fits decides, so a rule behind a wider one is dead, and if it is the stricter
// of the two its author believes in a protection that is not there.
void CheckDeadRules(const std::vector<RuleDraft>& rules, Mistakes& mistakes) {
  for (std::size_t later = 0; later < rules.size(); ++later) {
    const RuleDraft& dead = rules[later];
    if (!dead.ttl_max || dead.who.empty() || dead.roles.empty()) continue;
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const RuleDraft& wide = rules[earlier];
      if (!wide.ttl_max || wide.ttl_max->value < dead.ttl_max->value ||
          !Covers(wide.who, dead.who) || !Covers(wide.roles, dead.roles)) {
        continue;
      }
      mistakes.Add(dead.place,
                   absl::StrCat(NameOf(dead), " can never decide: ", NameOf(wide),
                                " before it names the same groups and roles for as long; move it "
                                "up, or take it out"));
      break;
    }
  }
}

// Of change rules the first that names the person and the role decides, whatever the time.
void CheckDeadChanges(const std::vector<ChangeDraft>& changes, Mistakes& mistakes) {
  for (std::size_t later = 0; later < changes.size(); ++later) {
    const RuleDraft& dead = changes[later].rule;
    if (dead.who.empty() || dead.roles.empty()) continue;
    const auto wide = std::find_if(
        changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(later),
        [&dead](const ChangeDraft& earlier) {
          return Covers(earlier.rule.who, dead.who) && Covers(earlier.rule.roles, dead.roles);
        });
    if (wide == changes.begin() + static_cast<std::ptrdiff_t>(later)) continue;
    mistakes.Add(dead.place, absl::StrCat(NameOf(dead), " can never decide: ", NameOf(wide->rule),
                                          " before it names the same groups and roles; move it up, "
                                          "or take it out"));
  }
}

}  // namespace

void CheckTarget(const PeopleDraft& people, const TargetDraft& target, Mistakes& mistakes) {
  std::set<core::GroupName> groups;
  for (const GroupDraft& group : people.groups) groups.insert(group.name.value);
  CheckRuleNames(target, mistakes);
  for (const auto* rules : {&target.rules, &target.break_glass}) {
    for (const RuleDraft& rule : *rules) CheckLeaseRule(people, groups, target, rule, mistakes);
  }
  for (const ChangeDraft& change : target.changes) {
    CheckChangeRule(groups, target, change, mistakes);
  }
  for (const RoleDraft& role : target.roles) CheckRole(people, target, role, mistakes);
  CheckDeadRules(target.rules, mistakes);
  CheckDeadRules(target.break_glass, mistakes);
  CheckDeadChanges(target.changes, mistakes);
}

}  // namespace jit::policy_files
