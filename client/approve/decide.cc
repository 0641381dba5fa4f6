#include "client/approve/decide.h"

#include "absl/strings/str_cat.h"
#include "broker/credential/signature.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::approve {

absl::StatusOr<Statement> FetchStatement(const std::string& lease_id, v1::Decision decision,
                                         const std::optional<std::string>& expected_digest,
                                         channel::Broker& broker) {
  v1::GetStatementRequest request;
  request.set_lease_id(lease_id);
  request.set_decision(decision);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return answer.status();
  absl::StatusOr<Statement> statement = ReadStatement(*answer, lease_id, decision);
  if (!statement.ok()) return statement;
  if (expected_digest.has_value() && *expected_digest != statement->digest) {
    v1::Refusal refusal;
    refusal.set_reason(v1::REFUSAL_REASON_DIGEST_MISMATCH);
    refusal.set_detail(absl::StrCat("the statement for `", DecisionWord(decision),
                                    "` has the digest ", statement->digest,
                                    " now; nothing was signed"));
    return channel::Refused(absl::StatusCode::kFailedPrecondition, refusal);
  }
  return statement;
}

absl::StatusOr<std::string> SignStatement(const Statement& statement, const std::string& note,
                                          const KeySource& key, console::Console& console) {
  const absl::StatusOr<credential::Secret> pem = key(console);
  if (!pem.ok()) return pem.status();
  return credential::Sign(pem->RevealForUse(), credential::kReviewContext,
                          credential::ReviewText(statement.text, note));
}

void ShowResult(const v1::Lease& lease, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) {
    console::PrintJson(console.out, channel::LeaseJson(lease));
    return;
  }
  *console.out.stream << console::Visible(lease.id()) << " is " << channel::StateWord(lease.state())
                      << '\n';
  const std::string missing = channel::OpenSeatsText(lease);
  if (lease.state() == v1::Lease::STATE_REQUESTED && !missing.empty()) {
    *console.err.stream << "Your review is kept. Still waiting for " << missing << ".\n";
  }
}

}  // namespace jit::approve
