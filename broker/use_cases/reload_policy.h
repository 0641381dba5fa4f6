// Puts a changed policy in force, and into the journal.
#pragma once

#include "absl/status/status.h"
#include "broker/use_cases/ports.h"

namespace jit::use_cases {

// Reads the policy again. A bad one leaves the old one in force and answers kInvalidArgument with
// every error, one per line. A good one is in force from here on, and recorded
// (broker.policy_loaded.v1) when its fingerprint is not the last one recorded; when that record
// cannot be written the answer is the journal's fault, and no lease opens until it can.
absl::Status ReloadPolicy(Ports& ports);

// Records the policy in force; called once at start. Harmless to repeat.
absl::Status RecordPolicy(Ports& ports);

}  // namespace jit::use_cases
