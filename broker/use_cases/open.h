// Opens an approved lease, or gives its holder a new verifier on an open one.
#pragma once

#include "absl/status/statusor.h"
#include "broker/credential/scram_verifier.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

// Writes the intent, makes the login, writes the outcome. When the answer of the target is unknown
// the lease stays kOpening and the sweep resolves it by looking; when the target certainly did not
// make the login the lease goes to kClosing. Both answer OK with the lease as it stands.
// Refuses with what Decide refuses Open with, kUnknownLease, kTargetNotReady; kUnavailable when the
// target cannot be reached before any intent was written. Harmless to repeat: a lease that is open
// gets the newest verifier, with the same login and the same deadline. The lease of a guarded
// change is nobody's to open (kMethodNotForCaller).
absl::StatusOr<SeenLease> OpenLease(Ports& ports, const core::PersonId& by, const core::LeaseId& id,
                                    const credential::ScramVerifier& verifier);

// Opens the lease of a guarded change for the run that is about to begin. One call at most ever
// gets past its intent: any later one is refused with kAlreadyExecuted, and gives no new verifier.
absl::StatusOr<SeenLease> OpenRun(Ports& ports, const core::LeaseId& id,
                                  const credential::ScramVerifier& verifier);

}  // namespace jit::use_cases
