#include "client/audit/expected_statement.h"

#include "absl/status/statusor.h"
#include "broker/ledger/merkle.h"
#include "client/audit/fields.h"

namespace jit::audit {
namespace {

using ledger::Json;

constexpr int kStatementVersion = 1;
constexpr int kStatementVersionNamingTables = 2;  // of a lease

}  // namespace

Json ExpectedStatement(const Json& asked, const Json& terms, int round, const std::string& decision,
                       const std::string& reviewer) {
  Json statement;
  for (const char* key : {"access", "member_of", "role_fingerprint", "rule", "rule_fingerprint",
                          "seats", "ttl_seconds"}) {
    statement[key] = At(terms, key);
  }
  for (const char* key : {"incident", "path", "reason", "requester", "role", "target"}) {
    statement[key] = At(asked, key);
  }
  statement["decision"] = decision;
  statement["lease"] = At(asked, "id");
  statement["policy"] = At(terms, "policy_fingerprint");
  statement["request_time"] = At(asked, "time");
  statement["reviewer"] = reviewer;
  statement["round"] = round;
  statement["version"] = kStatementVersion;
  if (At(asked, "keyless").is_array()) {
    statement["keyless"] = At(asked, "keyless");
    statement["version"] = kStatementVersionNamingTables;
  }
  return statement;
}

Json ExpectedAcceptance(const Json& asked, const Json& terms, const Json& past,
                        const std::string& reviewer) {
  Json statement;
  for (const char* key : {"expire_time", "off_time", "open_time", "removed_time", "residue"}) {
    statement[key] = At(past, key);
  }
  for (const char* key : {"path", "reason", "requester", "role", "target"}) {
    statement[key] = At(asked, key);
  }
  statement["decision"] = "accept_residue";
  statement["lease"] = At(asked, "id");
  statement["owner"] = At(terms, "owner");
  statement["policy"] = At(terms, "policy_fingerprint");
  statement["reviewer"] = reviewer;
  statement["version"] = kStatementVersion;
  return statement;
}

Json ExpectedStatementOfChange(const Json& planned, const Json& rehearsal, const Json& terms,
                               int round, const std::string& decision,
                               const std::string& reviewer) {
  Json statement;
  for (const char* key :
       {"access", "images_kept_seconds", "masked", "member_of", "owner", "role_fingerprint",
        "rows_max", "rule", "rule_fingerprint", "run_max_seconds", "seats"}) {
    statement[key] = At(terms, key);
  }
  for (const char* key :
       {"purpose", "reason", "requester", "role", "script", "script_digest", "subject", "target"}) {
    statement[key] = At(planned, key);
  }
  for (const char* key : {"expected", "report", "schema_fingerprint", "system_identifier"}) {
    statement[key] = At(rehearsal, key);
  }
  const absl::StatusOr<std::string> report = ledger::CanonicalBytes(At(rehearsal, "report"));
  statement["change"] = At(planned, "id");
  statement["decision"] = decision;
  statement["plan_time"] = At(planned, "time");
  statement["policy"] = At(terms, "policy_fingerprint");
  statement["report_digest"] = report.ok() ? Json(ledger::Sha256Hex(*report)) : Json();
  statement["reviewer"] = reviewer;
  statement["round"] = round;
  statement["version"] = kStatementVersion;
  return statement;
}

}  // namespace jit::audit
