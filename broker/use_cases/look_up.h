// Everything that can be looked at without changing anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/use_cases/page.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

struct ListOrder {
  core::PersonId by;
  bool mine_only = false;
  std::vector<lease::State> states;
  std::optional<core::TargetName> target;
  std::optional<core::LeaseId> after;
  int limit = 50;
};
using LeasePage = Page<core::LeaseId, SeenLease>;
absl::StatusOr<LeasePage> ListLeases(Ports& ports, const ListOrder& order);

// The records of a lease's stream. Refuses with kUnknownLease.
absl::StatusOr<std::vector<ledger::Record>> History(Ports& ports, const core::PersonId& by,
                                                    const core::LeaseId& id);

struct Inbox {
  std::vector<SeenLease> owed;  // break-glass reviews this person may give, oldest first
  std::vector<SeenLease>
      waiting;  // leases that wait for a seat this person could fill, oldest first
  std::vector<SeenLease> residue;  // whose residue this person may accept, oldest first
};
absl::StatusOr<Inbox> InboxOf(Ports& ports, const core::PersonId& by);

// Break-glass leases that nobody has reviewed and that `by` could review; cheap enough to be asked
// with every call (nothing is folded while no debt is open).
absl::StatusOr<std::vector<SeenLease>> UnreviewedFor(Ports& ports, const core::PersonId& by);

struct Offer {
  core::TargetName target;
  policy::OfferedRole role;
  std::optional<policy::Rule> rule;
  std::optional<policy::BreakGlassRule> break_glass;
};
// What `by` may ask for, by target and role: one offer for every rule that can decide, in file
// order, so that somebody who wants longer sees what that takes. Break-glass is on the first of
// them.
std::vector<Offer> OffersFor(const policy::Policy& policy, const core::PersonId& by);

struct ChangeOffer {
  core::TargetName target;
  policy::OfferedRole role;
  policy::ChangeRule rule;
};
// As what `by` may plan changes, by target and role, with the rule that decides.
std::vector<ChangeOffer> ChangeOffersFor(const policy::Policy& policy, const core::PersonId& by);

// The unreviewed break-glass lease of this person, when there is one. One whose login was never
// made is none: it owes its review, and bars nothing.
absl::StatusOr<std::optional<core::LeaseId>> DebtOf(Ports& ports, const core::PersonId& person);

}  // namespace jit::use_cases
