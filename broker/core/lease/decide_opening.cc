#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/free_text.h"
#include "broker/core/lease/decide.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/access.h"
#include "broker/core/refusal.h"

namespace jit::lease {
namespace {

using core::Reason;
using core::Refuse;

// Whether everyone who filled a seat may still sit there, by today's directory.
absl::Status SeatsStillStand(const Lease& lease, const policy::Policy& policy) {
  const auto& seats = lease.terms->seats;
  const policy::Assignment today =
      policy::AssignSeats(policy.people, seats, *lease.requester, YesReviewers(lease));
  for (const policy::Seat& seat : seats) {
    if (today.count(seat.name) == 0) {
      return Refuse(Reason::kPolicyChanged,
                    absl::StrCat("a reviewer who filled seat ", seat.name.text(),
                                 " may no longer sit there"));
    }
  }
  return absl::OkStatus();
}

// Back to review under today's policy, or whatever today's policy refuses the bid with.
Decision SendBack(const Lease& lease, const policy::Policy& policy, absl::Time now,
                  const absl::Status& why) {
  absl::StatusOr<policy::Terms> terms = policy::Judge(policy, BidOf(lease));
  if (!terms.ok()) {
    return terms.status();
  }
  const bool waits = !terms->seats.empty();
  std::vector<Event> events;
  events.push_back(
      SentBack{.why = std::string(why.message()), .terms = *std::move(terms), .time = now});
  if (!waits) {
    events.push_back(Approved{.time = now});
  }
  return events;
}

absl::Status CheckClocks(absl::Duration clock_skew, const policy::Limits& limits) {
  const absl::Duration apart = absl::AbsDuration(clock_skew);
  if (apart <= limits.clock_skew_max) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kClockSkew,
                absl::StrCat("the target's clock and the broker's are ",
                             absl::FormatDuration(absl::Trunc(apart, absl::Milliseconds(1))),
                             " apart and may be ", absl::FormatDuration(limits.clock_skew_max),
                             "; an operator has to set them right"));
}

Decision OpenApproved(const Lease& lease, const Open& command, const policy::Policy& policy,
                      absl::Time now) {
  const bool ordinary = lease.path == policy::Path::kOrdinary;
  if (ordinary && command.debt.has_value() && policy::Writes(lease.terms->access)) {
    return Refuse(Reason::kReviewDebt,
                  absl::StrCat("your break-glass lease ", command.debt->text(),
                               " has not been reviewed yet; until then no lease of yours that "
                               "writes can be opened"));
  }
  absl::Status stands = policy::StillStands(policy, BidOf(lease), *lease.terms);
  if (!ordinary && !stands.ok()) {
    // Nobody reviews such a lease beforehand, so there is no review to send it back to.
    const bool emergency = lease.path == policy::Path::kBreakGlass;
    return Refuse(Reason::kPolicyChanged,
                  absl::StrCat(stands.message(), "; ",
                               emergency ? "break the glass again under today's policy"
                                         : "run the change again under today's policy"));
  }
  if (stands.ok()) {
    stands = SeatsStillStand(lease, policy);
  }
  if (!stands.ok()) {
    return SendBack(lease, policy, now, stands);
  }
  if (const absl::Status status = CheckClocks(command.clock_skew, policy.limits); !status.ok()) {
    return status;
  }
  return std::vector<Event>{OpeningStarted{.verifier_digest = command.verifier_digest,
                                           .system_identifier = command.system_identifier,
                                           .expire_time = now + lease.terms->ttl,
                                           .time = now}};
}

Decision ReplaceVerifier(const Lease& lease, const Open& command, absl::Time now) {
  if (command.system_identifier != lease.system_identifier) {
    return Refuse(
        Reason::kTargetNotReady,
        "the target is another cluster than the one this lease was opened on; an operator "
        "has to look at it");
  }
  return std::vector<Event>{
      VerifierReplaced{.verifier_digest = command.verifier_digest, .time = now}};
}

}  // namespace

Decision Decider::operator()(const Open& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  if (!IsRequester(lease, command.by)) {
    return NotHolder("open");
  }
  if (lease.path == policy::Path::kChange && command.opener == Open::Opener::kHolder) {
    return Refuse(Reason::kMethodNotForCaller,
                  "this login belongs to a change; the broker alone opens it, for as long as the "
                  "change runs");
  }
  const bool has_login = lease.state == State::kOpening || lease.state == State::kOpen;
  if ((lease.state != State::kApproved && !has_login) || IsOverdue(lease, now)) {
    return NotNow(lease, now, "it can be opened once every seat is filled");
  }
  return has_login ? ReplaceVerifier(lease, command, now)
                   : OpenApproved(lease, command, policy, now);
}

Decision Decider::operator()(const RecordOpened&) const {
  if (lease.state != State::kOpening) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{Opened{.time = now}};
}

Decision Decider::operator()(const RecordOpenFault& command) const {
  if (lease.state != State::kOpening) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{
      StartClosing(CloseCause::kFault, core::AsFreeText(command.why), std::nullopt, now)};
}

}  // namespace jit::lease
