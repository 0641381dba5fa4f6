// Policies made in a few lines, and the shop: the one most tests use.
//
// Promises: names that do not parse stop the test program; fingerprints follow the names, so a test
// that changes a rule or role also writes a new fingerprint into it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/core/policy/judge.h"
#include "broker/core/policy/rule.h"

namespace jit::testing {

inline core::PersonId Person(absl::string_view text) {
  return core::PersonId::Parse(text).value();
}
inline core::GroupName Group(absl::string_view text) {
  return core::GroupName::Parse(text).value();
}
inline core::TargetName Target(absl::string_view text) {
  return core::TargetName::Parse(text).value();
}
inline core::RoleName Role(absl::string_view text) {
  return core::RoleName::Parse(text).value();
}
inline core::RuleName RuleNamed(absl::string_view text) {
  return core::RuleName::Parse(text).value();
}
inline policy::Seat SeatFromGroup(absl::string_view seat, absl::string_view group) {
  return {core::SeatName::Parse(seat).value(), Group(group)};
}
inline policy::Seat SeatForManager(absl::string_view seat) {
  return {core::SeatName::Parse(seat).value(), policy::ManagerOfRequester{}};
}

using Words = std::initializer_list<const char*>;

inline void AddPerson(policy::Policy& policy, absl::string_view name, Words groups,
                      std::optional<std::string> manager = std::nullopt) {
  core::Person person{.id = Person(name),
                      .identities = {absl::StrCat("jit://test/", name)},
                      .groups = {},
                      .manager = std::nullopt};
  for (const char* group : groups) {
    person.groups.insert(Group(group));
  }
  if (manager.has_value()) {
    person.manager = Person(*manager);
  }
  policy.people.people.insert_or_assign(person.id, person);
}

inline policy::OfferedRole RoleOffer(absl::string_view name, policy::Access access) {
  return policy::OfferedRole{
      .name = Role(name),
      .access = access,
      .member_of = {core::PgGroup::Parse(absl::StrCat("shop_", name)).value()},
      .ttl_default = absl::Minutes(30),
      .ttl_max = absl::Hours(8),
      .connection_limit = 2,
      .statement_timeout = absl::Minutes(5),
      .lock_timeout = absl::Milliseconds(2500),
      .idle_in_transaction_timeout = absl::Minutes(1),
      .fingerprint = absl::StrCat("role ", name)};
}

inline policy::Rule RuleFor(absl::string_view name, Words who, Words roles, absl::Duration ttl_max,
                            std::vector<policy::Seat> seats) {
  policy::Rule rule{.name = RuleNamed(name),
                    .who = {},
                    .roles = {},
                    .ttl_max = ttl_max,
                    .seats = std::move(seats),
                    .fingerprint = absl::StrCat("rule ", name)};
  for (const char* group : who) {
    rule.who.insert(Group(group));
  }
  for (const char* role : roles) {
    rule.roles.insert(Role(role));
  }
  return rule;
}

// One target, `shop`:
//   reader  engineers and oncall, 8 h, nobody sits
//   writer  engineers, 1 h, seat `review` from reviewers
//   ddl     engineers, 1 h, seats `review` from reviewers and `boss` for the manager
//   writer  oncall by break-glass, 15 m, reviewed afterwards by the manager within 24 h
// People: engineer (manager: manager), peer, reviewer, second_reviewer, oncall (manager: manager),
// manager, operator, auditor, and drifter, who is in no group.
inline policy::Policy ShopPolicy() {
  policy::Policy policy;
  AddPerson(policy, "engineer", {"engineers"}, "manager");
  AddPerson(policy, "peer", {"engineers"}, "manager");
  AddPerson(policy, "reviewer", {"reviewers"}, "manager");
  AddPerson(policy, "second_reviewer", {"reviewers"}, "manager");
  AddPerson(policy, "oncall", {"oncall"}, "manager");
  AddPerson(policy, "manager", {"managers"});
  AddPerson(policy, "operator", {"operators"});
  AddPerson(policy, "auditor", {"auditors"});
  AddPerson(policy, "drifter", {});
  policy.offices = {{Group("operators")}, {Group("auditors")}};
  policy.fingerprint = "policy";

  policy::TargetPolicy shop{.name = Target("shop"), .roles = {}, .rules = {}, .break_glass = {}};
  for (const auto& role :
       {RoleOffer("reader", policy::Access::kReads), RoleOffer("writer", policy::Access::kWrites),
        RoleOffer("ddl", policy::Access::kWrites)}) {
    shop.roles.emplace(role.name, role);
  }
  shop.rules = {
      RuleFor("read", {"engineers", "oncall"}, {"reader"}, absl::Hours(8), {}),
      RuleFor("write", {"engineers"}, {"writer"}, absl::Hours(1),
              {SeatFromGroup("review", "reviewers")}),
      RuleFor("ddl", {"engineers"}, {"ddl"}, absl::Hours(1),
              {SeatFromGroup("review", "reviewers"), SeatForManager("boss")}),
  };
  shop.break_glass = {policy::BreakGlassRule{.name = RuleNamed("fire"),
                                             .who = {Group("oncall")},
                                             .roles = {Role("writer")},
                                             .ttl_max = absl::Minutes(15),
                                             .reviewer = SeatForManager("review"),
                                             .review_within = absl::Hours(24),
                                             .fingerprint = "rule fire"}};
  policy.targets.emplace(shop.name, std::move(shop));
  return policy;
}

inline policy::TargetPolicy& Shop(policy::Policy& policy) {
  return policy.targets.at(Target("shop"));
}

// Adds to the shop what opens as the owner of its tables:
//   schema  engineers, 1 h, seat `review` from reviewers
//   schema  oncall by break-glass, 15 m, reviewed afterwards by the manager
inline void OfferSchema(policy::Policy& policy) {
  policy::OfferedRole role = RoleOffer("schema", policy::Access::kDefines);
  role.owner = core::PgGroup::Parse("shop_owner").value();
  role.member_of = {*role.owner};
  policy::TargetPolicy& shop = Shop(policy);
  shop.roles.emplace(role.name, role);
  shop.rules.push_back(RuleFor("schema", {"engineers"}, {"schema"}, absl::Hours(1),
                               {SeatFromGroup("review", "reviewers")}));
  shop.break_glass.front().roles.insert(role.name);
}

}  // namespace jit::testing
