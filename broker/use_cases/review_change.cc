#include "broker/use_cases/review_change.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/records/change_statement.h"
#include "broker/records/statement.h"
#include "broker/use_cases/shell.h"
#include "broker/use_cases/signed_review.h"

namespace jit::use_cases {
namespace {

records::Decision DecisionOf(lease::Verdict verdict) {
  return verdict == lease::Verdict::kYes ? records::Decision::kApprove : records::Decision::kDeny;
}

// What stands there to be signed. Before the rehearsal there is nothing to look at.
absl::StatusOr<std::string> StatementOf(const change::Change& change, lease::Verdict verdict,
                                        const core::PersonId& by) {
  if (!change.rehearsal.has_value()) {
    return core::Refuse(core::Reason::kWrongState,
                        absl::StrCat("this change is ", change::StateWord(change.state),
                                     "; there is no rehearsal to decide on"));
  }
  return records::StatementForChange(change, DecisionOf(verdict), by);
}

ports::Answer AnswerFor(const ChangeReviewOrder& order) {
  const std::vector<std::string> parts = {"review change", order.change.text(),
                                          absl::StrCat(static_cast<int>(order.verdict)),
                                          order.digest, order.note};
  return AnswerTo(order.by, order.idempotency_id, parts, order.change.text());
}

// As for a lease: the lifecycle is asked before the signature is checked, so that its refusals
// come first.
absl::StatusOr<change::Command> ReviewCommand(Ports& ports, const ChangeReviewOrder& order,
                                              const SeenChange& seen) {
  absl::StatusOr<std::string> statement = StatementOf(seen.change, order.verdict, order.by);
  if (!statement.ok()) return statement.status();
  const lease::SignedReview review =
      SignedReviewOf(order, order.verdict, *statement, ports.time.Now());
  const change::Command command = change::Review{review, records::DigestOf(*statement)};
  const auto decided =
      change::Decide(seen.change, command, *ports.policy.Current(), ports.time.Now());
  if (!decided.ok()) return decided.status();
  const absl::Status verified = CheckSignature(review);
  if (!verified.ok()) return verified;
  return command;
}

absl::StatusOr<SeenChange> ExecuteFor(Ports& ports, const core::PersonId& by,
                                      const core::ChangeId& id, const change::Command& command) {
  absl::StatusOr<SeenChange> visible = LoadChangeFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  return Execute(ports, id,
                 [&](const SeenChange&) -> absl::StatusOr<change::Command> { return command; });
}

}  // namespace

absl::StatusOr<SeenChange> ReviewChange(Ports& ports, const ChangeReviewOrder& order) {
  absl::StatusOr<SeenChange> visible = LoadChangeFor(ports, order.change, order.by);
  if (!visible.ok()) return visible.status();
  const ports::Answer answer = AnswerFor(order);
  absl::StatusOr<std::optional<core::ChangeId>> earlier =
      FindEarlierAnswer<core::ChangeId>(ports, answer);
  if (!earlier.ok()) return earlier.status();
  if (earlier->has_value()) return LoadChange(ports, order.change);
  absl::StatusOr<SeenChange> after = Execute(
      ports, order.change,
      [&](const SeenChange& seen) { return ReviewCommand(ports, order, seen); }, answer);
  if (!after.ok() && absl::IsAlreadyExists(after.status())) return LoadChange(ports, order.change);
  return after;
}

absl::StatusOr<ChangeStatementView> ChangeStatementToSign(Ports& ports, const core::PersonId& by,
                                                          const core::ChangeId& id,
                                                          lease::Verdict verdict) {
  absl::StatusOr<SeenChange> seen = LoadChangeFor(ports, id, by);
  if (!seen.ok()) return seen.status();
  absl::StatusOr<std::string> statement = StatementOf(seen->change, verdict, by);
  if (!statement.ok()) return statement.status();
  std::string digest = records::DigestOf(*statement);
  return ChangeStatementView{*std::move(seen), *std::move(statement), std::move(digest)};
}

absl::StatusOr<SeenChange> WithdrawChange(Ports& ports, const core::PersonId& by,
                                          const core::ChangeId& id) {
  return ExecuteFor(ports, by, id, change::Withdraw{by});
}

absl::StatusOr<SeenChange> DenyChange(Ports& ports, const core::PersonId& by,
                                      const core::ChangeId& id, const std::string& note) {
  return ExecuteFor(ports, by, id, change::Deny{by, note});
}

}  // namespace jit::use_cases
