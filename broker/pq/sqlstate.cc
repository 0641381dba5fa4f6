#include "broker/pq/sqlstate.h"

#include <array>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace jit::pq {
namespace {

constexpr absl::string_view kSqlStateUrl = "jit-access/sqlstate";
constexpr absl::string_view kOutcomeUrl = "jit-access/outcome-unknown";

struct Row {
  absl::string_view state;  // five characters, or the two of a class
  absl::StatusCode code;
};

// Single codes first, then whole classes; the first row that fits decides.
constexpr std::array kRows = {
    Row{"57014", absl::StatusCode::kDeadlineExceeded},    // query_canceled
    Row{"55P03", absl::StatusCode::kAborted},             // lock_not_available
    Row{"40003", absl::StatusCode::kUnavailable},         // statement_completion_unknown
    Row{"40", absl::StatusCode::kAborted},                // transaction_rollback
    Row{"08", absl::StatusCode::kUnavailable},            // connection_exception
    Row{"57P", absl::StatusCode::kUnavailable},           // shutdown, crash, cannot connect now
    Row{"53300", absl::StatusCode::kUnavailable},         // too_many_connections
    Row{"53", absl::StatusCode::kUnavailable},            // insufficient_resources
    Row{"25006", absl::StatusCode::kFailedPrecondition},  // read_only_sql_transaction
    Row{"42501", absl::StatusCode::kPermissionDenied},    // insufficient_privilege
    Row{"28", absl::StatusCode::kUnauthenticated},        // invalid_authorization_specification
    Row{"3D000", absl::StatusCode::kFailedPrecondition},  // invalid_catalog_name
    Row{"3F000", absl::StatusCode::kFailedPrecondition},  // invalid_schema_name
    Row{"42710", absl::StatusCode::kAlreadyExists},       // duplicate_object
    Row{"42P0", absl::StatusCode::kFailedPrecondition},  // undefined or duplicate table, schema …
    Row{"42883", absl::StatusCode::kFailedPrecondition},  // undefined_function
    Row{"42704", absl::StatusCode::kFailedPrecondition},  // undefined_object
    Row{"23505", absl::StatusCode::kAlreadyExists},       // unique_violation
    Row{"55", absl::StatusCode::kFailedPrecondition},     // object_not_in_prerequisite_state
    Row{"2BP01", absl::StatusCode::kFailedPrecondition},  // dependent_objects_still_exist
    Row{"54", absl::StatusCode::kFailedPrecondition},     // program_limit_exceeded
    Row{"22", absl::StatusCode::kInvalidArgument},        // data_exception
    Row{"58", absl::StatusCode::kDataLoss},               // system_error
    Row{"XX", absl::StatusCode::kDataLoss},               // data or index corrupted, internal error
    Row{"JT", absl::StatusCode::kFailedPrecondition},     // our own functions say no
};

}  // namespace

absl::StatusCode CodeOf(absl::string_view sqlstate) {
  if (sqlstate.size() != 5) return absl::StatusCode::kInternal;
  for (const Row& row : kRows) {
    if (sqlstate.substr(0, row.state.size()) == row.state) return row.code;
  }
  return absl::StatusCode::kInternal;
}

Outcome OutcomeOf(absl::string_view sqlstate) {
  const bool going_down =
      sqlstate.substr(0, 3) == "57P" || sqlstate.substr(0, 2) == "08" || sqlstate == "40003";
  return going_down ? Outcome::kUnknown : Outcome::kDidNotHappen;
}

absl::Status ServerError(absl::string_view sqlstate, absl::string_view message) {
  absl::Status status(CodeOf(sqlstate),
                      absl::StrCat("PostgreSQL says: ", message, " (SQLSTATE ", sqlstate, ")"));
  status.SetPayload(kSqlStateUrl, absl::Cord(sqlstate));
  if (OutcomeOf(sqlstate) == Outcome::kUnknown) status.SetPayload(kOutcomeUrl, absl::Cord("1"));
  return status;
}

absl::Status LostConnection(absl::string_view message, Outcome outcome) {
  absl::Status status = absl::UnavailableError(message);
  if (outcome == Outcome::kUnknown) status.SetPayload(kOutcomeUrl, absl::Cord("1"));
  return status;
}

absl::Status TimedOut(absl::string_view message, Outcome outcome) {
  absl::Status status = absl::DeadlineExceededError(message);
  if (outcome == Outcome::kUnknown) status.SetPayload(kOutcomeUrl, absl::Cord("1"));
  return status;
}

std::string SqlStateOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kSqlStateUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

Outcome OutcomeOf(const absl::Status& status) {
  return status.GetPayload(kOutcomeUrl).has_value() ? Outcome::kUnknown : Outcome::kDidNotHappen;
}

}  // namespace jit::pq
