#include "broker/use_cases/seen_lease.h"

#include "broker/core/refusal.h"
#include "broker/records/lease_events.h"

namespace jit::use_cases {
namespace {

absl::Status NoSuchLease() {
  return core::Refuse(core::Reason::kUnknownLease,
                      "there is no such lease, or it is not yours to see; `jit-access list` shows "
                      "those that are");
}

}  // namespace

absl::StatusOr<SeenLease> LoadLease(Ports& ports, const core::LeaseId& id) {
  absl::StatusOr<std::vector<ledger::Record>> records = ports.journal.Load(records::StreamOf(id));
  if (!records.ok()) return records.status();
  if (records->empty()) return NoSuchLease();
  absl::StatusOr<lease::Lease> lease = records::Fold(*records);
  if (!lease.ok()) return lease.status();
  return SeenLease{*std::move(lease), records->back().version};
}

absl::StatusOr<SeenLease> LoadLeaseFor(Ports& ports, const core::LeaseId& id,
                                       const core::PersonId& person) {
  absl::StatusOr<SeenLease> seen = LoadLease(ports, id);
  if (!seen.ok()) return seen.status();
  const auto policy = ports.policy.Current();
  if (!policy::MaySee(*policy, person, *seen->lease.requester, *seen->lease.terms)) {
    return NoSuchLease();
  }
  return seen;
}

}  // namespace jit::use_cases
