// A lease as it stood when it was read, with the version a decision on it is conditional on.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "broker/core/lease/lease.h"
#include "broker/use_cases/ports.h"

namespace jit::use_cases {

struct SeenLease {
  lease::Lease lease;
  std::int64_t version = 0;
};

// Loads and folds. Refuses with kUnknownLease when there is none.
absl::StatusOr<SeenLease> LoadLease(Ports& ports, const core::LeaseId& id);

// The same, for a person who must be allowed to see it; else kUnknownLease, as if it were not
// there.
absl::StatusOr<SeenLease> LoadLeaseFor(Ports& ports, const core::LeaseId& id,
                                       const core::PersonId& person);

}  // namespace jit::use_cases
