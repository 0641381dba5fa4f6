// The ways a person ends a lease: its holder gives it back or withdraws it, an approver revokes it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::use_cases {

// Each writes the intent and answers at once with the lease in kClosing (or kWithdrawn); taking the
// login away is the sweep's work, which the caller of this function wakes. Repeats are harmless.
// Refuse with kUnknownLease, kNotHolder (End, Withdraw), kNoSeatForYou and kOwnLease (Revoke: who
// could review it or is an operator may revoke it), kWrongState.
absl::StatusOr<SeenLease> EndLease(Ports& ports, const core::PersonId& by, const core::LeaseId& id);
absl::StatusOr<SeenLease> WithdrawLease(Ports& ports, const core::PersonId& by,
                                        const core::LeaseId& id);
absl::StatusOr<SeenLease> RevokeLease(Ports& ports, const core::PersonId& by,
                                      const core::LeaseId& id, const std::string& note);

}  // namespace jit::use_cases
