#include "broker/core/refusal.h"

#include <array>
#include <cstddef>

#include "absl/strings/cord.h"

namespace jit::core {
namespace {

// Under this key a status carries the word of its reason.
constexpr absl::string_view kPayloadKey = "jit.refusal";

struct Row {
  Reason reason;
  absl::string_view word;
  absl::StatusCode code;
};

using Code = absl::StatusCode;

constexpr std::array kRows = {
    Row{Reason::kUnknownCaller, "unknown_caller", Code::kUnauthenticated},
    Row{Reason::kRevokedCertificate, "revoked_certificate", Code::kUnauthenticated},
    Row{Reason::kUnknownPerson, "unknown_person", Code::kUnauthenticated},
    Row{Reason::kPersonInNoGroup, "person_in_no_group", Code::kUnauthenticated},
    Row{Reason::kMalformedName, "malformed_name", Code::kInvalidArgument},
    Row{Reason::kMalformedIdempotencyId, "malformed_idempotency_id", Code::kInvalidArgument},
    Row{Reason::kReasonEmpty, "reason_empty", Code::kInvalidArgument},
    Row{Reason::kReasonTooLong, "reason_too_long", Code::kInvalidArgument},
    Row{Reason::kReasonNotUtf8, "reason_not_utf8", Code::kInvalidArgument},
    Row{Reason::kTtlMalformed, "ttl_malformed", Code::kInvalidArgument},
    Row{Reason::kTtlTooShort, "ttl_too_short", Code::kInvalidArgument},
    Row{Reason::kVerifierMalformed, "verifier_malformed", Code::kInvalidArgument},
    Row{Reason::kMessageTooLarge, "message_too_large", Code::kInvalidArgument},
    Row{Reason::kMalformedScript, "malformed_script", Code::kInvalidArgument},
    Row{Reason::kScriptTooLarge, "script_too_large", Code::kInvalidArgument},
    Row{Reason::kMalformedExpectation, "malformed_expectation", Code::kInvalidArgument},
    Row{Reason::kUnknownTarget, "unknown_target", Code::kNotFound},
    Row{Reason::kUnknownRole, "unknown_role", Code::kNotFound},
    Row{Reason::kUnknownLease, "unknown_lease", Code::kNotFound},
    Row{Reason::kUnknownChange, "unknown_change", Code::kNotFound},
    Row{Reason::kUnknownMethod, "unknown_method", Code::kNotFound},
    Row{Reason::kMethodNotForCaller, "method_not_for_caller", Code::kPermissionDenied},
    Row{Reason::kChangeOnly, "change_only", Code::kPermissionDenied},
    Row{Reason::kNoRuleAllows, "no_rule_allows", Code::kPermissionDenied},
    Row{Reason::kTtlTooLong, "ttl_too_long", Code::kPermissionDenied},
    Row{Reason::kBreakGlassNotAllowed, "break_glass_not_allowed", Code::kPermissionDenied},
    Row{Reason::kUnrehearsedNotAllowed, "unrehearsed_not_allowed", Code::kPermissionDenied},
    Row{Reason::kScriptRefused, "script_refused", Code::kPermissionDenied},
    Row{Reason::kReviewDebt, "review_debt", Code::kPermissionDenied},
    Row{Reason::kTooManyWaiting, "too_many_waiting", Code::kPermissionDenied},
    Row{Reason::kNobodyCanApprove, "nobody_can_approve", Code::kPermissionDenied},
    Row{Reason::kOwnLease, "own_lease", Code::kPermissionDenied},
    Row{Reason::kNoSeatForYou, "no_seat_for_you", Code::kPermissionDenied},
    Row{Reason::kNotHolder, "not_holder", Code::kPermissionDenied},
    Row{Reason::kAlreadyReviewed, "already_reviewed", Code::kFailedPrecondition},
    Row{Reason::kWrongState, "wrong_state", Code::kFailedPrecondition},
    Row{Reason::kAlreadyEnded, "already_ended", Code::kFailedPrecondition},
    Row{Reason::kDigestMismatch, "digest_mismatch", Code::kFailedPrecondition},
    Row{Reason::kSignatureInvalid, "signature_invalid", Code::kFailedPrecondition},
    Row{Reason::kPolicyChanged, "policy_changed", Code::kFailedPrecondition},
    Row{Reason::kClockSkew, "clock_skew", Code::kFailedPrecondition},
    Row{Reason::kTargetNotReady, "target_not_ready", Code::kFailedPrecondition},
    Row{Reason::kNothingToReview, "nothing_to_review", Code::kFailedPrecondition},
    Row{Reason::kIdempotencyIdReused, "idempotency_id_reused", Code::kFailedPrecondition},
    Row{Reason::kExpectationMissed, "expectation_missed", Code::kFailedPrecondition},
    Row{Reason::kUndoConflicts, "undo_conflicts", Code::kFailedPrecondition},
    Row{Reason::kSchemaChanged, "schema_changed", Code::kFailedPrecondition},
    Row{Reason::kWaitingPeriod, "waiting_period", Code::kFailedPrecondition},
    Row{Reason::kNothingToUndo, "nothing_to_undo", Code::kFailedPrecondition},
    Row{Reason::kAlreadyExecuted, "already_executed", Code::kFailedPrecondition},
    Row{Reason::kSomeoneWasFaster, "someone_was_faster", Code::kAborted},
};

// Row i is the reason numbered i, and the last reason has a row: a new one without a row, or rows
// in another order than the enum, do not build.
constexpr bool RowsFollowTheEnum() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].reason) != i) {
      return false;
    }
  }
  return kRows.size() == static_cast<std::size_t>(Reason::kSomeoneWasFaster) + 1;
}
static_assert(RowsFollowTheEnum());

const Row& RowOf(Reason reason) {
  return kRows[static_cast<std::size_t>(reason)];
}

}  // namespace

absl::Status Refuse(Reason reason, absl::string_view detail) {
  absl::Status status(CodeOf(reason), detail);
  status.SetPayload(kPayloadKey, absl::Cord(RowOf(reason).word));
  return status;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> word = status.GetPayload(kPayloadKey);
  if (!word.has_value()) {
    return std::nullopt;
  }
  return ReasonFromWord(std::string(*word));
}

std::string ReasonWord(Reason reason) {
  return std::string(RowOf(reason).word);
}

std::optional<Reason> ReasonFromWord(absl::string_view word) {
  for (const Row& row : kRows) {
    if (row.word == word) {
      return row.reason;
    }
  }
  return std::nullopt;
}

absl::StatusCode CodeOf(Reason reason) {
  return RowOf(reason).code;
}

const std::vector<Reason>& AllReasons() {
  static const std::vector<Reason>& all = *[] {
    auto* reasons = new std::vector<Reason>();
    for (const Row& row : kRows) {
      reasons->push_back(row.reason);
    }
    return reasons;
  }();
  return all;
}

}  // namespace jit::core
