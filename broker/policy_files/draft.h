// A policy as it was written, before it is known to make sense: each thing with its place, whatever
// was mistaken left out.
//
// Values; thread-compatible.
#pragma once

#include <cstdint>
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
  std::optional<policy::GuardTerms> guard;
  std::optional<Placed<core::PgGroup>> owner;
  policy::OfferedRole::Offered offered = policy::OfferedRole::Offered::kAsLease;
};

struct SeatDraft {
  Placed<core::SeatName> name;
  Placed<policy::SeatFrom> from;
};

// A rule, or a break-glass rule: the two differ in who has to look, before or afterwards. Or what a
// change rule has in common with them.
struct RuleDraft {
  Place place;
  std::optional<Placed<core::RuleName>> name;
  std::vector<Placed<core::GroupName>> who;
  std::vector<Placed<core::RoleName>> roles;
  std::optional<Placed<absl::Duration>> ttl_max;
  std::vector<SeatDraft> seats;                 // a rule's
  std::optional<Place> no_seats;                // where a rule says that it demands none
  std::optional<SeatDraft> reviewer;            // a break-glass rule's
  std::optional<absl::Duration> review_within;  // a break-glass rule's
};

struct ChangeDraft {
  RuleDraft rule;  // its ttl_max is how long a run may take; its seats are those of a script
  std::optional<std::vector<SeatDraft>> undo_seats;
  std::optional<std::vector<SeatDraft>> drop_seats;
  std::optional<std::vector<SeatDraft>> unrehearsed_seats;
  int tolerance_percent = 0;
  int samples = 5;
  std::set<std::string> masked;
  std::int64_t rows_max = 100'000;
  absl::Duration statement_timeout = absl::Minutes(5);
  absl::Duration lock_timeout = absl::Seconds(2);
  absl::Duration waiting_period = absl::Hours(24 * 7);
  absl::Duration images_kept = absl::Hours(24 * 30);
};

struct TargetDraft {
  core::TargetName name;
  std::string file;
  std::vector<RoleDraft> roles;
  std::vector<RuleDraft> rules;
  std::vector<RuleDraft> break_glass;
  std::vector<ChangeDraft> changes;
};

}  // namespace jit::policy_files
