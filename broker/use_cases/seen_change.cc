#include "broker/use_cases/seen_change.h"

#include "broker/core/policy/change_rule.h"
#include "broker/core/refusal.h"
#include "broker/records/change_events.h"

namespace jit::use_cases {
namespace {

absl::Status NoSuchChange() {
  return core::Refuse(core::Reason::kUnknownChange,
                      "there is no such change, or it is not yours to see; `jit-access change "
                      "list` shows those that are");
}

}  // namespace

absl::StatusOr<SeenChange> LoadChange(Ports& ports, const core::ChangeId& id) {
  absl::StatusOr<std::vector<ledger::Record>> records = ports.journal.Load(records::StreamOf(id));
  if (!records.ok()) return records.status();
  if (records->empty()) return NoSuchChange();
  absl::StatusOr<change::Change> change = records::FoldChange(*records);
  if (!change.ok()) return change.status();
  return SeenChange{*std::move(change), records->back().version};
}

absl::StatusOr<SeenChange> LoadChangeFor(Ports& ports, const core::ChangeId& id,
                                         const core::PersonId& by) {
  absl::StatusOr<SeenChange> seen = LoadChange(ports, id);
  if (!seen.ok()) return seen.status();
  const auto policy = ports.policy.Current();
  const change::Change& change = seen->change;
  if (!policy::MaySeeChange(*policy, by, change.plan->requester, *change.terms)) {
    return NoSuchChange();
  }
  return seen;
}

}  // namespace jit::use_cases
