// Files a lease; with a verifier, opens it in the same breath when no seat has to be filled.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/core/policy/judge.h"
#include "broker/credential/scram_verifier.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

struct AskOrder {
  core::IdempotencyId idempotency_id;
  policy::Bid bid;       // path kOrdinary: ask; path kBreakGlass: break the glass
  std::string reason;    // 1 to 1,024 bytes of UTF-8
  std::string incident;  // break-glass only, 0 to 128 bytes of UTF-8
  std::optional<credential::ScramVerifier> verifier;  // break-glass: required
  std::vector<std::string> keyless = {};              // tables without a primary key, at most 20
};

// Refuses with whatever Decide refuses an Ask with, and kIdempotencyIdReused. A repeat with the
// same id and content answers with the lease of the first time as it stands now (and opens it when
// it is approved, not open yet, and a verifier came along). A fault of the target after the intent
// was written answers OK with the lease in kOpening or kClosing: look at its state.
absl::StatusOr<SeenLease> AskForLease(Ports& ports, const AskOrder& order);

}  // namespace jit::use_cases
