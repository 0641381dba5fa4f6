// A refusal is a rule saying no: something the caller may read and act on.
//
// Promises: every refusal carries exactly one Reason, and this file is the only place where one is
// made. Faults (the outside failed us) and bugs (the program is wrong) are not refusals and carry
// no reason. The list is in order of precedence: where two apply, the earlier one is given.
// docs/reference/refusals.md, proto/jit/v1/refusal.proto and this list are compared by a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jit::core {

enum class Reason {
  // Who is calling (unauthenticated).
  kUnknownCaller,       // no certificate of ours, or not exactly one URI SAN
  kRevokedCertificate,  // the certificate is on the deny list
  kUnknownPerson,       // the identity maps to nobody in the directory
  kPersonInNoGroup,     // the person exists and belongs to no group, so no rule can name them
  // What was sent is malformed (invalid argument).
  kMalformedName,
  kMalformedIdempotencyId,
  kReasonEmpty,
  kReasonTooLong,  // above 1,024 bytes
  kReasonNotUtf8,  // invalid UTF-8 or NUL
  kTtlMalformed,   // not one number with one unit
  kTtlTooShort,    // below the minimum
  kVerifierMalformed,
  kMessageTooLarge,
  kMalformedScript,       // a script that is empty, not UTF-8, holds a NUL, or is no SQL
  kScriptTooLarge,        // above 1 MiB
  kMalformedExpectation,  // not `table=N`, `table.verb=N..M` or `#2=N+-P%`
  // It is not there, or not yours to know (not found).
  kUnknownTarget,
  kUnknownRole,
  kUnknownLease,
  kUnknownChange,
  kUnknownMethod,
  // A rule says no (permission denied).
  kMethodNotForCaller,     // the door table does not list this kind of caller
  kChangeOnly,             // the role is offered for guarded changes only
  kNoRuleAllows,           // default deny
  kTtlTooLong,             // longer than any rule that would let you
  kBreakGlassNotAllowed,   // policy names neither you nor this role for break-glass
  kUnrehearsedNotAllowed,  // the change rule lets nothing run that cannot be rehearsed
  kScriptRefused,          // a finding says that no rule can let this script run
  kReviewDebt,             // an unreviewed break-glass stands in the way
  kTooManyWaiting,         // the person's cap on waiting leases
  kNobodyCanApprove,       // a seat that nobody could ever fill; the seat is named
  kOwnLease,               // nobody decides on their own lease or change
  kNoSeatForYou,           // you could fill none of the seats still open
  kNotHolder,              // only the requester may do this
  // The moment is wrong (failed precondition).
  kAlreadyReviewed,      // you have given your review already
  kWrongState,           // the lease is not in a state where this can happen; the state is named
  kAlreadyEnded,         // the lease is in a final state
  kDigestMismatch,       // what you signed is not what stands there now
  kSignatureInvalid,     // the signature does not verify with the caller's key
  kPolicyChanged,        // the rule or role that decided has changed; the lease is back in review
  kClockSkew,            // the target's clock and ours differ too much to trust a deadline
  kTargetNotReady,       // the kit is missing, old, or the target is not the one that was pinned
  kNothingToReview,      // neither a break-glass review nor an acceptance is owed on this lease
  kIdempotencyIdReused,  // the same id came with other content
  kExpectationMissed,    // the rehearsal found other counts than the script says
  kUndoConflicts,        // rows that would be taken back were changed since
  kSchemaChanged,        // the schema is another one than at the rehearsal
  kWaitingPeriod,        // what a change kept may not be destroyed yet
  kNothingToUndo,        // the change is not applied, or was taken back already
  kAlreadyExecuted,      // a change runs once
  // Somebody was faster (aborted): ask again, looking at what stands there now.
  kSomeoneWasFaster,
};

// Makes the status for a refusal. `detail` is one sentence for the caller, made by us: it names
// what stands in the way and never repeats what the caller sent.
absl::Status Refuse(Reason reason, absl::string_view detail);

// The reason a status carries, or nothing when it is OK, a fault or a bug.
std::optional<Reason> ReasonOf(const absl::Status& status);

// The stable word for a reason, as in the reference and on the wire: `own_lease`.
std::string ReasonWord(Reason reason);
std::optional<Reason> ReasonFromWord(absl::string_view word);

// The status code a reason travels under, and every reason in order of precedence.
absl::StatusCode CodeOf(Reason reason);
const std::vector<Reason>& AllReasons();

}  // namespace jit::core
