#include "broker/use_cases/look_up.h"

#include <algorithm>
#include <utility>

#include "broker/core/lease/lifecycle.h"
#include "broker/records/lease_events.h"

namespace jit::use_cases {
namespace {

std::set<core::PersonId> YesReviewers(const lease::Lease& lease) {
  std::set<core::PersonId> reviewers;
  for (const lease::SignedReview& review : lease.reviews) {
    if (review.verdict == lease::Verdict::kYes) reviewers.insert(review.by);
  }
  return reviewers;
}

// Loads what the summaries name, oldest first, keeping what `wanted` says yes to.
template <class Wanted>
absl::StatusOr<std::vector<SeenLease>> LoadWanted(Ports& ports, const ports::SummaryFilter& filter,
                                                  Wanted wanted) {
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(filter);
  if (!rows.ok()) return rows.status();
  std::vector<SeenLease> found;
  for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
    absl::StatusOr<SeenLease> seen = LoadLease(ports, row->id);
    if (!seen.ok()) return seen.status();
    if (wanted(seen->lease)) found.push_back(*std::move(seen));
  }
  return found;
}

// Everybody who decides on this target: whoever could sit in a seat of any of its rules, or review
// its emergencies.
bool DecidesOn(const policy::Policy& policy, const core::PersonId& by, const lease::Lease& lease) {
  const core::PersonId& requester = *lease.requester;
  const auto can_sit = [&](const policy::Seat& seat) {
    return policy::WhoCanSit(policy.people, seat, requester).contains(by);
  };
  if (lease.terms->reviewer.has_value() && can_sit(*lease.terms->reviewer)) return true;
  const auto target = policy.targets.find(*lease.target);
  if (target == policy.targets.end()) return false;
  return std::any_of(target->second.rules.begin(), target->second.rules.end(),
                     [&](const policy::Rule& rule) {
                       return std::any_of(rule.seats.begin(), rule.seats.end(), can_sit);
                     });
}

template <class Rule>
bool Names(const Rule& rule, const core::Person& person, const core::RoleName& role) {
  return rule.roles.contains(role) &&
         std::any_of(rule.who.begin(), rule.who.end(),
                     [&](const core::GroupName& group) { return person.groups.contains(group); });
}

template <class Rule>
std::optional<Rule> FirstNaming(const std::vector<Rule>& rules, const core::Person& person,
                                const core::RoleName& role) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const Rule& rule) { return Names(rule, person, role); });
  if (found == rules.end()) return std::nullopt;
  return *found;
}

}  // namespace

absl::StatusOr<LeasePage> ListLeases(Ports& ports, const ListOrder& order) {
  const auto policy = ports.policy.Current();
  ports::SummaryFilter filter;
  filter.states = order.states;
  filter.target = order.target;
  filter.after = order.after;
  if (order.mine_only) filter.requester = order.by;
  return ReadPage<core::LeaseId, SeenLease>(
      filter, order.limit,
      [&](const ports::SummaryFilter& part) { return ports.journal.Summaries(part); },
      [&](const core::LeaseId& id) { return LoadLease(ports, id); },
      [&](const ports::LeaseSummary& row, const SeenLease& seen) {
        return policy::MaySee(*policy, order.by, row.requester, *seen.lease.terms);
      });
}

absl::StatusOr<std::vector<ledger::Record>> History(Ports& ports, const core::PersonId& by,
                                                    const core::LeaseId& id) {
  absl::StatusOr<SeenLease> visible = LoadLeaseFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  return ports.journal.Load(records::StreamOf(id));
}

absl::StatusOr<Inbox> InboxOf(Ports& ports, const core::PersonId& by) {
  const auto policy = ports.policy.Current();
  Inbox inbox;
  ports::SummaryFilter waiting;
  waiting.states = {lease::State::kRequested};
  waiting.limit = kScanMax;
  absl::StatusOr<std::vector<SeenLease>> leases =
      LoadWanted(ports, waiting, [&](const lease::Lease& lease) {
        return by != *lease.requester &&
               policy::WouldHelp(policy->people, lease.terms->seats, *lease.requester,
                                 YesReviewers(lease), by);
      });
  if (!leases.ok()) return leases.status();
  inbox.waiting = *std::move(leases);

  ports::SummaryFilter owed;
  owed.with_debt_only = true;
  owed.limit = kScanMax;
  leases = LoadWanted(ports, owed, [&](const lease::Lease& lease) {
    return lease.terms->reviewer.has_value() &&
           policy::WhoCanSit(policy->people, *lease.terms->reviewer, *lease.requester).contains(by);
  });
  if (!leases.ok()) return leases.status();
  inbox.owed = *std::move(leases);

  ports::SummaryFilter off;
  off.states = {lease::State::kOff};
  off.limit = kScanMax;
  leases = LoadWanted(ports, off, [&](const lease::Lease& lease) {
    return lease::WaitsForAcceptance(lease) && lease::MayAcceptResidue(lease, *policy, by);
  });
  if (!leases.ok()) return leases.status();
  inbox.residue = *std::move(leases);
  return inbox;
}

absl::StatusOr<std::vector<SeenLease>> UnreviewedFor(Ports& ports, const core::PersonId& by) {
  const auto policy = ports.policy.Current();
  ports::SummaryFilter owed;
  owed.with_debt_only = true;
  owed.limit = kScanPage;
  return LoadWanted(ports, owed, [&](const lease::Lease& lease) {
    return by != *lease.requester && DecidesOn(*policy, by, lease);
  });
}

std::vector<Offer> OffersFor(const policy::Policy& policy, const core::PersonId& by) {
  std::vector<Offer> offers;
  const core::Person* person = policy.people.Find(by);
  if (person == nullptr) return offers;
  for (const auto& [name, target] : policy.targets) {
    for (const auto& [role_name, role] : target.roles) {
      auto break_glass = FirstNaming(target.break_glass, *person, role_name);
      absl::Duration longest = absl::ZeroDuration();
      for (const policy::Rule& rule : target.rules) {
        // The first rule that allows the time decides, so one that allows no more than those before
        // it never does.
        if (!Names(rule, *person, role_name) || rule.ttl_max <= longest) continue;
        longest = rule.ttl_max;
        offers.push_back(Offer{name, role, rule, std::exchange(break_glass, std::nullopt)});
      }
      if (break_glass.has_value()) offers.push_back(Offer{name, role, std::nullopt, break_glass});
    }
  }
  return offers;
}

std::vector<ChangeOffer> ChangeOffersFor(const policy::Policy& policy, const core::PersonId& by) {
  std::vector<ChangeOffer> offers;
  const core::Person* person = policy.people.Find(by);
  if (person == nullptr) return offers;
  for (const auto& [name, target] : policy.targets) {
    for (const auto& [role_name, role] : target.roles) {
      auto rule = FirstNaming(target.changes, *person, role_name);
      if (rule.has_value()) offers.push_back(ChangeOffer{name, role, *std::move(rule)});
    }
  }
  return offers;
}

absl::StatusOr<std::optional<core::LeaseId>> DebtOf(Ports& ports, const core::PersonId& person) {
  ports::SummaryFilter filter;
  filter.requester = person;
  filter.with_debt_only = true;
  filter.limit = kScanMax;
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(filter);
  if (!rows.ok()) return rows.status();
  for (const ports::LeaseSummary& row : *rows) {
    absl::StatusOr<SeenLease> seen = LoadLease(ports, row.id);
    if (!seen.ok()) return seen.status();
    if (!lease::LetNobodyIn(seen->lease)) return std::optional<core::LeaseId>(row.id);
  }
  return std::optional<core::LeaseId>();
}

}  // namespace jit::use_cases
