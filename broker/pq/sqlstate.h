// What PostgreSQL's five letters mean to us: the only place where they become status codes.
//
// Promises: a status made here carries its SQLSTATE, and says whether the outcome is unknown: the
// statement was on its way and no answer came. A status without that mark means that nothing was
// done. Never decides by the text of a message. Safe from any thread.
// Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jit::pq {

enum class Outcome { kDidNotHappen, kUnknown };

// The status code for a SQLSTATE, which is five characters; anything else is kInternal.
//   kUnavailable         the server is going down, or starting, or has no room for us
//   kAborted             lost against a concurrent transaction or waited too long: try again
//   kDeadlineExceeded    cancelled by a timeout
//   kFailedPrecondition  the target is not in a state for this: read-only, missing, in use, limits
//   kPermissionDenied, kUnauthenticated, kAlreadyExists, kInvalidArgument, kDataLoss, kInternal
absl::StatusCode CodeOf(absl::string_view sqlstate);

// Whether an error of this SQLSTATE leaves it open if the statement took effect. A server that goes
// down may have committed before it could say so.
Outcome OutcomeOf(absl::string_view sqlstate);

// Makes the status for an error the server reported.
absl::Status ServerError(absl::string_view sqlstate, absl::string_view message);

// Makes a kUnavailable for a connection that failed us.
absl::Status LostConnection(absl::string_view message, Outcome outcome);
absl::Status TimedOut(absl::string_view message, Outcome outcome);

// What a status carries. The SQLSTATE is empty when the server reported none.
std::string SqlStateOf(const absl::Status& status);
Outcome OutcomeOf(const absl::Status& status);

}  // namespace jit::pq
