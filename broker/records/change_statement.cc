#include "broker/records/change_statement.h"

#include <utility>

#include "absl/status/status.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "broker/records/change_shapes.h"
#include "broker/records/fields.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

using ledger::Json;

constexpr int kStatementVersion = 1;

}  // namespace

absl::StatusOr<std::string> StatementForChange(const change::Change& change, Decision decision,
                                               const core::PersonId& reviewer) {
  if (!change.id.has_value() || !change.plan.has_value() || !change.terms.has_value() ||
      !change.rehearsal.has_value()) {
    return absl::InvalidArgumentError("a change that was not rehearsed has no statement");
  }
  try {
    // In the shapes the journal keeps them in; what a reviewer needs of them.
    Json terms = ChangeTermsToJson(*change.terms);
    Json plan = PlanToJson(*change.plan);
    Json rehearsal = RehearsalToJson(*change.rehearsal);
    const absl::StatusOr<std::string> report = ledger::CanonicalBytes(rehearsal["report"]);
    if (!report.ok()) {
      return report.status();
    }
    Json statement;
    for (const char* key :
         {"access", "images_kept_seconds", "masked", "member_of", "owner", "role_fingerprint",
          "rows_max", "rule", "rule_fingerprint", "run_max_seconds", "seats"}) {
      statement[key] = std::move(terms[key]);
    }
    for (const char* key : {"purpose", "reason", "requester", "role", "script", "script_digest",
                            "subject", "target"}) {
      statement[key] = std::move(plan[key]);
    }
    for (const char* key : {"expected", "report", "schema_fingerprint", "system_identifier"}) {
      statement[key] = std::move(rehearsal[key]);
    }
    statement["change"] = change.id->text();
    statement["decision"] = DecisionWord(decision);
    statement["plan_time"] = TimeToJson(change.plan_time);
    statement["policy"] = change.terms->policy_fingerprint;
    statement["report_digest"] = ledger::Sha256Hex(*report);
    statement["reviewer"] = reviewer.text();
    statement["round"] = change.round;
    statement["version"] = kStatementVersion;
    return ledger::CanonicalBytes(statement);
  } catch (const Mismatch& mismatch) {
    return absl::InvalidArgumentError(mismatch.what());
  }
}

}  // namespace jit::records
