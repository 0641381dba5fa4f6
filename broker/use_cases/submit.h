// The author of a rehearsed change asks for its review.
#pragma once

#include "absl/status/statusor.h"
#include "broker/use_cases/seen_change.h"

namespace jit::use_cases {

// Answers with the change in kSubmitted, or in kApproved when no seat has to be filled. Refuses
// with kUnknownChange, kNotHolder, kWrongState, kAlreadyEnded, kExpectationMissed, kUndoConflicts,
// kScriptRefused, kPolicyChanged, kTooManyWaiting: see Decide.
absl::StatusOr<SeenChange> SubmitChange(Ports& ports, const core::PersonId& by,
                                        const core::ChangeId& id);

}  // namespace jit::use_cases
