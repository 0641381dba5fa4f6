#include "broker/use_cases/review.h"

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/use_cases/shell.h"
#include "broker/use_cases/signed_review.h"

namespace jit::use_cases {
namespace {

bool IsVerdictOnBreakGlass(records::Decision decision) {
  return decision == records::Decision::kAccept || decision == records::Decision::kObject;
}

lease::Verdict VerdictOf(records::Decision decision) {
  const bool yes = decision == records::Decision::kApprove ||
                   decision == records::Decision::kAccept ||
                   decision == records::Decision::kAcceptResidue;
  return yes ? lease::Verdict::kYes : lease::Verdict::kNo;
}

ports::Answer AnswerFor(const ReviewOrder& order) {
  const std::vector<std::string> parts = {"review", order.lease.text(),
                                          absl::StrCat(static_cast<int>(order.decision)),
                                          order.digest, order.note};
  return AnswerTo(order.by, order.idempotency_id, parts, order.lease.text());
}

lease::Command CommandFor(const ReviewOrder& order, lease::SignedReview review,
                          const std::string& digest_now) {
  if (IsVerdictOnBreakGlass(order.decision)) {
    return lease::ReviewBreakGlass{std::move(review), digest_now};
  }
  if (order.decision == records::Decision::kAcceptResidue) {
    return lease::AcceptResidue{std::move(review), digest_now};
  }
  return lease::Review{std::move(review), digest_now};
}

// The command, with the signature checked over the statement as it stands now. The lifecycle is
// asked first, so that its refusals (own lease, no seat, wrong state, another digest) come before
// the one about the signature, as the order of precedence wants it.
absl::StatusOr<lease::Command> ReviewCommand(Ports& ports, const ReviewOrder& order,
                                             const SeenLease& seen) {
  absl::StatusOr<std::string> statement =
      records::StatementFor(seen.lease, order.decision, order.by);
  if (!statement.ok()) return statement.status();
  const lease::SignedReview review =
      SignedReviewOf(order, VerdictOf(order.decision), *statement, ports.time.Now());
  const lease::Command command = CommandFor(order, review, records::DigestOf(*statement));
  const auto decided =
      lease::Decide(seen.lease, command, *ports.policy.Current(), ports.time.Now());
  if (!decided.ok()) return decided.status();
  const absl::Status verified = CheckSignature(review);
  if (!verified.ok()) return verified;
  return command;
}

}  // namespace

absl::StatusOr<SeenLease> ReviewLease(Ports& ports, const ReviewOrder& order) {
  absl::StatusOr<SeenLease> visible = LoadLeaseFor(ports, order.lease, order.by);
  if (!visible.ok()) return visible.status();
  const ports::Answer answer = AnswerFor(order);
  absl::StatusOr<std::optional<core::LeaseId>> earlier =
      FindEarlierAnswer<core::LeaseId>(ports, answer);
  if (!earlier.ok()) return earlier.status();
  if (earlier->has_value()) return LoadLease(ports, order.lease);
  absl::StatusOr<SeenLease> after = Execute(
      ports, order.lease, [&](const SeenLease& seen) { return ReviewCommand(ports, order, seen); },
      answer);
  if (!after.ok() && absl::IsAlreadyExists(after.status())) return LoadLease(ports, order.lease);
  return after;
}

absl::StatusOr<StatementView> StatementToSign(Ports& ports, const core::PersonId& by,
                                              const core::LeaseId& lease,
                                              records::Decision decision) {
  absl::StatusOr<SeenLease> seen = LoadLeaseFor(ports, lease, by);
  if (!seen.ok()) return seen.status();
  if (decision == records::Decision::kAcceptResidue) {
    if (absl::Status owed = lease::CheckAcceptanceIsOwed(seen->lease); !owed.ok()) return owed;
  }
  absl::StatusOr<std::string> statement = records::StatementFor(seen->lease, decision, by);
  if (!statement.ok()) return statement.status();
  std::string digest = records::DigestOf(*statement);
  return StatementView{*std::move(seen), *std::move(statement), std::move(digest)};
}

}  // namespace jit::use_cases
