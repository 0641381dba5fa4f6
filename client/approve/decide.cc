#include "client/approve/decide.h"

#include "absl/strings/str_cat.h"
#include "broker/credential/signature.h"
#include "client/approve/change_statement.h"
#include "client/channel/change_json.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_change.h"
#include "client/channel/show_lease.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::approve {

namespace {

absl::Status CheckExpected(const Statement& statement, v1::Decision decision,
                           const std::optional<std::string>& expected_digest) {
  if (!expected_digest.has_value() || *expected_digest == statement.digest) {
    return absl::OkStatus();
  }
  v1::Refusal refusal;
  refusal.set_reason(v1::REFUSAL_REASON_DIGEST_MISMATCH);
  refusal.set_detail(absl::StrCat("the statement for `", DecisionWord(decision),
                                  "` has the digest ", statement.digest,
                                  " now; nothing was signed"));
  return channel::Refused(absl::StatusCode::kFailedPrecondition, refusal);
}

absl::StatusOr<ToDecide> FetchChange(const std::string& id, v1::Decision decision,
                                     const std::optional<std::string>& expected_digest,
                                     channel::Broker& broker) {
  v1::GetChangeStatementRequest request;
  request.set_change_id(id);
  request.set_decision(decision);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return answer.status();
  absl::StatusOr<Statement> statement = ReadChangeStatement(*answer, id, decision);
  if (!statement.ok()) return statement.status();
  absl::Status expected = CheckExpected(*statement, decision, expected_digest);
  if (!expected.ok()) return expected;
  return ToDecide{.statement = *std::move(statement), .change = answer->change()};
}

// Whether the broker has no change of that id either, or knows no changes at all.
bool NoSuchChange(const absl::Status& status) {
  return channel::IsRefused(status, v1::REFUSAL_REASON_UNKNOWN_CHANGE) ||
         channel::IsRefused(status, v1::REFUSAL_REASON_UNKNOWN_METHOD) ||
         absl::IsUnimplemented(status);
}

}  // namespace

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
  absl::Status expected = CheckExpected(*statement, decision, expected_digest);
  if (!expected.ok()) return expected;
  return statement;
}

absl::StatusOr<ToDecide> FetchEither(const std::string& id, v1::Decision decision,
                                     const std::optional<std::string>& expected_digest,
                                     channel::Broker& broker) {
  absl::StatusOr<Statement> lease = FetchStatement(id, decision, expected_digest, broker);
  if (lease.ok()) return ToDecide{.statement = *std::move(lease), .change = std::nullopt};
  if (!channel::IsRefused(lease.status(), v1::REFUSAL_REASON_UNKNOWN_LEASE)) return lease.status();
  absl::StatusOr<ToDecide> change = FetchChange(id, decision, expected_digest, broker);
  if (!change.ok() && NoSuchChange(change.status())) return lease.status();
  return change;
}

void ShowToDecide(const ToDecide& what, const console::Sink& sink) {
  if (what.change.has_value()) {
    ShowChangeStatement(what.statement, sink);
  } else {
    ShowStatement(what.statement, sink);
  }
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

void ShowResult(const v1::Change& change, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) {
    console::PrintJson(console.out, channel::ChangeJson(change));
    return;
  }
  *console.out.stream << console::Visible(change.id()) << " is "
                      << channel::StateWord(change.state()) << '\n';
  const std::string missing = channel::OpenSeatsText(change);
  if (change.state() == v1::Change::STATE_SUBMITTED && !missing.empty()) {
    *console.err.stream << "Your review is kept. Still waiting for " << missing << ".\n";
  }
}

console::ExitCode ReviewChange(const ToDecide& what, v1::Decision decision,
                               const std::string& signature, const std::string& note,
                               console::Output output, console::Console& console,
                               channel::Broker& broker) {
  v1::ReviewChangeRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(what.change->id());
  request.set_decision(decision);
  request.set_digest(what.statement.digest);
  request.set_signature(signature);
  request.set_note(note);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->change(), output, console);
  return console::ExitCode::kOk;
}

}  // namespace jit::approve
