// From a lease that is opening to a login on its target, and the outcome into the journal.
//
// Promises: the intent is durable before this begins; whatever happens, the lease ends up open,
// closing, or opening with an unknown outcome that the sweep resolves by looking. Safe from any
// thread.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "broker/core/lease/command.h"
#include "broker/credential/scram_verifier.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

// The target a lease is on. Refuses with kTargetNotReady when this broker has none of that name.
absl::StatusOr<ports::Target*> TargetOf(Ports& ports, const core::TargetName& name);

// What to order for a lease that is opening or open.
ports::LoginOrder OrderFor(const lease::Lease& lease);

// The Open command with everything it wants to know: the target's vitals, the person's debt.
// Refuses with kTargetNotReady (read-only, another cluster, no kit), kClockSkew while our own time
// is unsettled; kUnavailable when the target cannot be reached.
absl::StatusOr<lease::Open> PrepareOpen(Ports& ports, const lease::Lease& lease,
                                        const core::PersonId& by,
                                        const credential::ScramVerifier& verifier);

// Makes the login of `seen` (opening or open) and records the outcome.
absl::StatusOr<SeenLease> MakeLogin(Ports& ports, const SeenLease& seen,
                                    const credential::ScramVerifier& verifier);

}  // namespace jit::use_cases
