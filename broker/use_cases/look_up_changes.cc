#include "broker/use_cases/look_up_changes.h"

#include <set>
#include <utility>

#include "broker/core/change/lifecycle.h"
#include "broker/core/policy/change_rule.h"
#include "broker/core/policy/seats.h"
#include "broker/records/change_events.h"
#include "broker/records/lease_events.h"
#include "broker/use_cases/run.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {
namespace {

std::set<core::PersonId> YesReviewers(const change::Change& change) {
  std::set<core::PersonId> reviewers;
  for (const lease::SignedReview& review : change.reviews) {
    if (review.verdict == lease::Verdict::kYes) reviewers.insert(review.by);
  }
  return reviewers;
}

// Every column that some change rule of the target masks.
std::set<std::string> MaskedOn(const policy::Policy& policy, const core::TargetName& name) {
  std::set<std::string> masked;
  const auto target = policy.targets.find(name);
  if (target == policy.targets.end()) return masked;
  for (const policy::ChangeRule& rule : target->second.changes) {
    masked.insert(rule.masked.begin(), rule.masked.end());
  }
  return masked;
}

}  // namespace

absl::StatusOr<ChangePage> ListChanges(Ports& ports, const ChangeListOrder& order) {
  const auto policy = ports.policy.Current();
  ports::ChangeFilter filter;
  filter.states = order.states;
  filter.target = order.target;
  filter.after = order.after;
  if (order.mine_only) filter.requester = order.by;
  return ReadPage<core::ChangeId, SeenChange>(
      filter, order.limit,
      [&](const ports::ChangeFilter& part) { return ports.journal.ChangeSummaries(part); },
      [&](const core::ChangeId& id) { return LoadChange(ports, id); },
      [&](const ports::ChangeSummary& row, const SeenChange& seen) {
        return policy::MaySeeChange(*policy, order.by, row.requester, *seen.change.terms);
      });
}

absl::StatusOr<std::vector<SeenChange>> ChangeInbox(Ports& ports, const core::PersonId& by) {
  const auto policy = ports.policy.Current();
  ports::ChangeFilter filter;
  filter.states = {change::State::kSubmitted};
  filter.limit = kScanMax;
  absl::StatusOr<std::vector<ports::ChangeSummary>> rows = ports.journal.ChangeSummaries(filter);
  if (!rows.ok()) return rows.status();
  std::vector<SeenChange> waiting;
  for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
    if (row->requester == by) continue;
    absl::StatusOr<SeenChange> seen = LoadChange(ports, row->id);
    if (!seen.ok()) return seen.status();
    if (policy::WouldHelp(policy->people, seen->change.terms->seats, row->requester,
                          YesReviewers(seen->change), by)) {
      waiting.push_back(*std::move(seen));
    }
  }
  return waiting;
}

absl::StatusOr<std::vector<ledger::Record>> ChangeHistory(Ports& ports, const core::PersonId& by,
                                                          const core::ChangeId& id) {
  absl::StatusOr<SeenChange> visible = LoadChangeFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  return ports.journal.Load(records::StreamOf(id));
}

absl::StatusOr<std::vector<ports::RowChange>> RowChangesOf(Ports& ports, const core::PersonId& by,
                                                           const core::LeaseId& id,
                                                           std::int64_t after, int limit) {
  absl::StatusOr<SeenLease> visible = LoadLeaseFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  absl::StatusOr<ports::Bench*> bench = BenchOf(ports, *visible->lease.target);
  if (!bench.ok()) return bench.status();
  return (*bench)->RowChanges(core::LoginName::Of(id), after, limit);
}

absl::StatusOr<std::vector<change::Sample>> RowsOf(Ports& ports, const core::PersonId& by,
                                                   const core::LeaseId& id, std::int64_t sequence,
                                                   int limit) {
  absl::StatusOr<SeenLease> visible = LoadLeaseFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  const core::TargetName& target = *visible->lease.target;
  absl::StatusOr<ports::Bench*> bench = BenchOf(ports, target);
  if (!bench.ok()) return bench.status();
  return (*bench)->RowsOf(core::LoginName::Of(id), sequence, limit,
                          MaskedOn(*ports.policy.Current(), target));
}

absl::StatusOr<std::vector<ports::Kept>> KeptBy(Ports& ports, const core::PersonId& by,
                                                const core::ChangeId& id) {
  absl::StatusOr<SeenChange> visible = LoadChangeFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  absl::StatusOr<ports::Bench*> bench = BenchOf(ports, visible->change.plan->target);
  if (!bench.ok()) return bench.status();
  return (*bench)->KeptBy(id);
}

}  // namespace jit::use_cases
