// Everything about changes that can be looked at without changing anything.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/ports/bench.h"
#include "broker/use_cases/page.h"
#include "broker/use_cases/seen_change.h"

namespace jit::use_cases {

struct ChangeListOrder {
  core::PersonId by;
  bool mine_only = false;
  std::vector<change::State> states;
  std::optional<core::TargetName> target;
  std::optional<core::ChangeId> after;
  int limit = 50;
};
using ChangePage = Page<core::ChangeId, SeenChange>;
absl::StatusOr<ChangePage> ListChanges(Ports& ports, const ChangeListOrder& order);

// Changes that wait for a seat this person could fill, oldest first.
absl::StatusOr<std::vector<SeenChange>> ChangeInbox(Ports& ports, const core::PersonId& by);

// The records of a change's stream. Refuses with kUnknownChange.
absl::StatusOr<std::vector<ledger::Record>> ChangeHistory(Ports& ports, const core::PersonId& by,
                                                          const core::ChangeId& id);

// What the login of a lease did, oldest first, after `after`. Refuses with kUnknownLease,
// kTargetNotReady; kUnavailable when the target cannot be reached.
absl::StatusOr<std::vector<ports::RowChange>> RowChangesOf(Ports& ports, const core::PersonId& by,
                                                           const core::LeaseId& id,
                                                           std::int64_t after, int limit);
// The rows of one of them, before and after. Columns that any change rule of the target masks are
// not shown.
absl::StatusOr<std::vector<change::Sample>> RowsOf(Ports& ports, const core::PersonId& by,
                                                   const core::LeaseId& id, std::int64_t sequence,
                                                   int limit);

// What an applied change keeps instead of destroyed. Refuses with kUnknownChange, kTargetNotReady.
absl::StatusOr<std::vector<ports::Kept>> KeptBy(Ports& ports, const core::PersonId& by,
                                                const core::ChangeId& id);

}  // namespace jit::use_cases
