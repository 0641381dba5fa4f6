// A policy as it was written, before it is known to make sense: each thing with its place, whatever
// was mistaken left out.
//
// Values; thread-compatible.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/core/policy/rule.h"
#include "broker/policy_files/mistake.h"

namespace jit::policy_files {

struct PersonDraft {
  Placed<core::PersonId> id;
  std::vector<Placed<std::string>> identities;
  std::optional<Placed<core::PersonId>> manager;
};

struct GroupDraft {
  Placed<core::GroupName> name;
  std::vector<Placed<core::PersonId>> members;
};

struct PeopleDraft {
  std::vector<PersonDraft> people;
  std::vector<GroupDraft> groups;
  std::vector<Placed<core::GroupName>> operators;
  std::vector<Placed<core::GroupName>> auditors;
  policy::Limits limits;
};

struct RoleDraft {
  Placed<core::RoleName> name;
  std::optional<policy::Access> access;
  std::vector<Placed<core::PgGroup>> member_of;
  std::optional<Placed<absl::Duration>> ttl_default;
  std::optional<Placed<absl::Duration>> ttl_max;
  int connection_limit = 2;
  absl::Duration statement_timeout = absl::Minutes(5);
  absl::Duration lock_timeout = absl::Seconds(10);
  absl::Duration idle_in_transaction_timeout = absl::Minutes(5);
};

struct SeatDraft {
  Placed<core::SeatName> name;
  Placed<policy::SeatFrom> from;
};

// A rule, or a break-glass rule: the two differ in who has to look, before or afterwards.
struct RuleDraft {
  Place place;
  std::optional<Placed<core::RuleName>> name;
  std::vector<Placed<core::GroupName>> who;
  std::vector<Placed<core::RoleName>> roles;
  std::optional<Placed<absl::Duration>> ttl_max;
  std::vector<SeatDraft> seats;                 // a rule's
  std::optional<SeatDraft> reviewer;            // a break-glass rule's
  std::optional<absl::Duration> review_within;  // a break-glass rule's
};

struct TargetDraft {
  core::TargetName name;
  std::string file;
  std::vector<RoleDraft> roles;
  std::vector<RuleDraft> rules;
  std::vector<RuleDraft> break_glass;
};

}  // namespace jit::policy_files
