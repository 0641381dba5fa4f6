// A change as it stood when it was read, with the version a decision on it is conditional on.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "broker/core/change/change.h"
#include "broker/use_cases/ports.h"

namespace jit::use_cases {

struct SeenChange {
  change::Change change;
  std::int64_t version = 0;
};

// Loads and folds. Refuses with kUnknownChange when there is none.
absl::StatusOr<SeenChange> LoadChange(Ports& ports, const core::ChangeId& id);

// The same, for a person who must be allowed to see it; else kUnknownChange, as if it were not
// there.
absl::StatusOr<SeenChange> LoadChangeFor(Ports& ports, const core::ChangeId& id,
                                         const core::PersonId& by);

}  // namespace jit::use_cases
