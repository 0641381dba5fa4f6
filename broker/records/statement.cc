#include "broker/records/statement.h"

#include <utility>

#include "absl/status/status.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "broker/records/fields.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

using ledger::Json;

constexpr int kStatementVersion = 1;

}  // namespace

std::string DecisionWord(Decision decision) {
  switch (decision) {
    case Decision::kApprove:
      return "approve";
    case Decision::kDeny:
      return "deny";
    case Decision::kAccept:
      return "accept";
    case Decision::kObject:
      return "object";
  }
  return "";
}

absl::StatusOr<std::string> StatementFor(const lease::Lease& lease, Decision decision,
                                         const core::PersonId& reviewer) {
  if (!lease.id.has_value() || !lease.terms.has_value()) {
    return absl::InvalidArgumentError("a lease that nobody asked for has no statement");
  }
  try {
    // The terms once more, in the shape the journal keeps them in; what a reviewer needs of them.
    Json terms = TermsToJson(*lease.terms);
    Json statement;
    for (const char* key : {"access", "member_of", "role_fingerprint", "rule", "rule_fingerprint",
                            "seats", "ttl_seconds"}) {
      statement[key] = std::move(terms[key]);
    }
    statement["decision"] = DecisionWord(decision);
    statement["incident"] = lease.incident;
    statement["lease"] = lease.id->text();
    statement["path"] = PathWord(lease.path);
    statement["policy"] = lease.terms->policy_fingerprint;
    statement["reason"] = lease.reason;
    statement["request_time"] = TimeToJson(lease.request_time);
    statement["requester"] = lease.requester->text();
    statement["reviewer"] = reviewer.text();
    statement["role"] = lease.role->text();
    statement["round"] = lease.round;
    statement["target"] = lease.target->text();
    statement["version"] = kStatementVersion;
    return ledger::CanonicalBytes(statement);
  } catch (const Mismatch& mismatch) {
    return absl::InvalidArgumentError(mismatch.what());
  }
}

std::string DigestOf(absl::string_view statement) {
  return ledger::Sha256Hex(statement);
}

}  // namespace jit::records
