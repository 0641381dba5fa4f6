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

// The second form names tables without a primary key; a lease that names none has the first, so
// that whoever signs it needs to know no more than that.
constexpr int kStatementVersion = 1;
constexpr int kStatementVersionNamingTables = 2;

Json TimeOrNull(absl::Time time) {
  return time == absl::Time() ? Json() : TimeToJson(time);
}

Json AboutRequest(const lease::Lease& lease) {
  // The terms once more, in the shape the journal keeps them in; what a reviewer needs of them.
  Json terms = TermsToJson(*lease.terms);
  Json statement;
  for (const char* key : {"access", "member_of", "role_fingerprint", "rule", "rule_fingerprint",
                          "seats", "ttl_seconds"}) {
    statement[key] = std::move(terms[key]);
  }
  statement["incident"] = lease.incident;
  statement["request_time"] = TimeToJson(lease.request_time);
  statement["round"] = lease.round;
  return statement;
}

Json AboutResidue(const lease::Lease& lease) {
  const auto& owner = lease.terms->owner;
  return Json{{"expire_time", TimeOrNull(lease.expire_time)},
              {"off_time", TimeOrNull(lease.off_time)},
              {"open_time", TimeOrNull(lease.open_time)},
              {"owner", owner.has_value() ? Json(owner->text()) : Json()},
              {"removed_time", TimeOrNull(lease.removed_time)},
              {"residue", lease.residue.has_value() ? ResidueToJson(*lease.residue) : Json()}};
}

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
    case Decision::kAcceptResidue:
      return "accept_residue";
  }
  return "";
}

absl::StatusOr<std::string> StatementFor(const lease::Lease& lease, Decision decision,
                                         const core::PersonId& reviewer) {
  if (!lease.id.has_value() || !lease.terms.has_value()) {
    return absl::InvalidArgumentError("a lease that nobody asked for has no statement");
  }
  try {
    Json statement =
        decision == Decision::kAcceptResidue ? AboutResidue(lease) : AboutRequest(lease);
    statement["decision"] = DecisionWord(decision);
    statement["lease"] = lease.id->text();
    statement["path"] = PathWord(lease.path);
    statement["policy"] = lease.terms->policy_fingerprint;
    statement["reason"] = lease.reason;
    statement["requester"] = lease.requester->text();
    statement["reviewer"] = reviewer.text();
    statement["role"] = lease.role->text();
    statement["target"] = lease.target->text();
    statement["version"] = kStatementVersion;
    if (!lease.keyless.empty()) {
      statement["keyless"] = TextsToJson(lease.keyless);
      statement["version"] = kStatementVersionNamingTables;
    }
    return ledger::CanonicalBytes(statement);
  } catch (const Mismatch& mismatch) {
    return absl::InvalidArgumentError(mismatch.what());
  }
}

std::string DigestOf(absl::string_view statement) {
  return ledger::Sha256Hex(statement);
}

}  // namespace jit::records
