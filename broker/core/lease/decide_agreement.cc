#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/core/free_text.h"
#include "broker/core/lease/decide.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/access.h"
#include "broker/core/refusal.h"

namespace jit::lease {
namespace {

using core::Needed;
using core::Reason;
using core::Refuse;

// Of several refusals that apply, the one that comes first in the list of reasons; OK when none
// does.
absl::Status Foremost(const std::vector<absl::Status>& statuses) {
  const absl::Status* foremost = nullptr;
  for (const absl::Status& status : statuses) {
    if (!status.ok() &&
        (foremost == nullptr || core::ReasonOf(status) < core::ReasonOf(*foremost))) {
      foremost = &status;
    }
  }
  return foremost == nullptr ? absl::OkStatus() : *foremost;
}

absl::Status CheckDebt(const Ask& command, const policy::Policy& policy) {
  if (!command.debt.has_value()) {
    return absl::OkStatus();
  }
  const auto target = policy.targets.find(command.bid.target);
  if (target == policy.targets.end()) {
    return absl::OkStatus();
  }
  const auto role = target->second.roles.find(command.bid.role);
  const bool writes = role != target->second.roles.end() && policy::Writes(role->second.access);
  if (command.bid.path == policy::Path::kOrdinary && !writes) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kReviewDebt,
                absl::StrCat("your break-glass lease ", command.debt->text(),
                             " has not been reviewed yet; until somebody runs `jit-approve review ",
                             command.debt->text(), "` you may only ask for roles that read"));
}

absl::Status CheckWaiting(const Ask& command, const policy::Policy& policy,
                          const absl::StatusOr<policy::Terms>& terms) {
  const bool would_wait = terms.ok() ? !terms->seats.empty()
                                     : core::ReasonOf(terms.status()) == Reason::kNobodyCanApprove;
  if (!would_wait || command.waiting_now < policy.limits.waiting_leases_max) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kTooManyWaiting,
                absl::StrCat("you have ", command.waiting_now, " leases waiting for reviews, and ",
                             policy.limits.waiting_leases_max,
                             " are allowed; withdraw one with `jit-access withdraw ID`"));
}

constexpr std::size_t kKeylessMax = 20;
constexpr std::size_t kTableBytesMax = 127;  // two names of PostgreSQL and a dot

bool IsTableName(const std::string& name) {
  const std::size_t dot = name.find('.');
  return name.size() <= kTableBytesMax && core::IsUtf8(name) && dot != std::string::npos &&
         dot != 0 && dot + 1 != name.size() && std::none_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c));
         });
}

// Tables are named for somebody who accepts them; where nobody is asked, a name would be a promise
// that nobody made.
absl::Status CheckKeyless(const Ask& command, const absl::StatusOr<policy::Terms>& terms) {
  if (command.keyless.empty()) {
    return absl::OkStatus();
  }
  if (command.keyless.size() > kKeylessMax) {
    return Refuse(Reason::kMalformedName,
                  absl::StrCat("name at most ", kKeylessMax, " tables without a primary key"));
  }
  if (!std::all_of(command.keyless.begin(), command.keyless.end(), IsTableName)) {
    return Refuse(Reason::kMalformedName, "a table without a primary key is named schema.table");
  }
  if (!terms.ok()) {
    return absl::OkStatus();
  }
  if (!terms->guard.has_value()) {
    return Refuse(Reason::kNoRuleAllows,
                  "tables without a primary key are named for roles that write under a guard, and "
                  "this is none; ask without naming them");
  }
  if (terms->guard->keyless == policy::GuardTerms::Keyless::kRefused) {
    return Refuse(Reason::kNoRuleAllows,
                  "policy lets no lease of this role change tables without a primary key, named or "
                  "not; ask the tables' owner for a key, or plan a change");
  }
  if (terms->seats.empty() && !terms->reviewer.has_value()) {
    return Refuse(Reason::kNoRuleAllows,
                  absl::StrCat("rule ", terms->rule.text(),
                               " asks nobody, so nobody could accept tables without a primary key "
                               "by name; ask for what an approver decides on, or plan a change"));
  }
  return absl::OkStatus();
}

// In order, each once, so that the same wish is the same statement.
std::vector<std::string> InOrder(const std::vector<std::string>& tables) {
  const std::set<std::string> distinct(tables.begin(), tables.end());
  return {distinct.begin(), distinct.end()};
}

// The login of a change: judged with the change, so neither rules nor caps nor debts are looked at.
Decision AskForRun(const Ask& command, absl::Time now) {
  if (const absl::Status status = core::CheckFreeText(command.reason, {"the reason"});
      !status.ok()) {
    return status;
  }
  if (!command.run_terms.has_value()) {
    return Refuse(
        Reason::kNoRuleAllows,
        "no rule lets anybody ask for the login of a change; the broker makes it when the "
        "change runs");
  }
  std::vector<Event> events;
  events.push_back(Asked{.id = command.id,
                         .path = command.bid.path,
                         .requester = command.bid.requester,
                         .target = command.bid.target,
                         .role = command.bid.role,
                         .reason = command.reason,
                         .incident = std::string(),
                         .terms = *command.run_terms,
                         .time = now});
  events.push_back(Approved{.time = now});
  return events;
}

bool HasReviewed(const Lease& lease, const core::PersonId& person) {
  return std::any_of(lease.reviews.begin(), lease.reviews.end(),
                     [&](const SignedReview& review) { return review.by == person; });
}

// What every review of a lease, yes or no, has to pass whatever the state is.
absl::Status CheckReviewer(const Lease& lease, const SignedReview& review,
                           const policy::Policy& policy) {
  if (IsRequester(lease, review.by)) {
    return OwnLease("decides on");
  }
  if (!CouldSit(lease, policy, review.by)) {
    return Refuse(Reason::kNoSeatForYou,
                  lease.terms->seats.empty()
                      ? "this lease demands no review; to take it away use `jit-approve revoke ID`"
                      : "the rule of this lease names no seat that you could fill");
  }
  if (HasReviewed(lease, review.by)) {
    return Refuse(Reason::kAlreadyReviewed,
                  "you have given your review already; to take the lease away use `jit-approve "
                  "revoke ID`");
  }
  return absl::OkStatus();
}

// A yes from somebody who could sit, to a lease that waits for it.
Decision SayYes(const Lease& lease, SignedReview review, const policy::Policy& policy,
                absl::Time now) {
  std::set<core::PersonId> reviewers = YesReviewers(lease);
  const auto& seats = lease.terms->seats;
  if (!policy::WouldHelp(policy.people, seats, *lease.requester, reviewers, review.by)) {
    return Refuse(Reason::kNoSeatForYou,
                  "the seats that you could fill are taken; somebody else has to fill the rest");
  }
  reviewers.insert(review.by);
  policy::Assignment assignment =
      policy::AssignSeats(policy.people, seats, *lease.requester, reviewers);
  const bool full = assignment.size() == seats.size();
  std::vector<Event> events;
  events.push_back(Reviewed{.review = std::move(review), .seats = std::move(assignment)});
  if (full) {
    events.push_back(Approved{.time = now});
  }
  return events;
}

// A no from somebody who could sit, to a lease that has not ended.
std::vector<Event> SayNo(const Lease& lease, SignedReview review, absl::Time now) {
  const core::PersonId by = review.by;
  const bool has_login = lease.state == State::kOpening || lease.state == State::kOpen;
  std::vector<Event> events;
  events.push_back(Reviewed{.review = std::move(review), .seats = lease.seats});
  if (has_login) {
    events.push_back(StartClosing(CloseCause::kDenied, "", by, now));
  } else {
    events.push_back(Denied{.by = by, .time = now});
  }
  return events;
}

}  // namespace

Decision Decider::operator()(const Ask& command) const {
  if (lease.id.has_value()) {
    return Refuse(Reason::kWrongState, absl::StrCat("this lease has been asked for already; it is ",
                                                    StateWord(lease.state)));
  }
  if (command.bid.path == policy::Path::kChange) {
    return AskForRun(command, now);
  }
  const bool emergency = command.bid.path == policy::Path::kBreakGlass;
  absl::StatusOr<policy::Terms> terms = policy::Judge(policy, command.bid);
  const core::FreeTextRule incident{"the incident", Needed::kOptional, core::kIncidentBytesMax};
  const absl::Status status =
      Foremost({core::CheckFreeText(command.reason, {"the reason"}),
                core::CheckFreeText(command.incident, incident), terms.status(),
                CheckKeyless(command, terms), CheckDebt(command, policy),
                CheckWaiting(command, policy, terms)});
  if (!status.ok()) {
    return status;
  }
  std::vector<Event> events;
  events.push_back(Asked{.id = command.id,
                         .path = command.bid.path,
                         .requester = command.bid.requester,
                         .target = command.bid.target,
                         .role = command.bid.role,
                         .reason = command.reason,
                         .incident = emergency ? command.incident : std::string(),
                         .terms = *terms,
                         .time = now,
                         .keyless = InOrder(command.keyless)});
  if (terms->seats.empty()) {
    events.push_back(Approved{.time = now});
  }
  if (emergency) {
    events.push_back(DebtIncurred{.due = now + terms->review_within, .time = now});
  }
  return events;
}

Decision Decider::operator()(const Review& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  SignedReview review = command.review;
  review.time = now;
  const bool yes = review.verdict == Verdict::kYes;
  const core::FreeTextRule note{"the note", yes ? Needed::kOptional : Needed::kRequired};
  if (const absl::Status status = core::CheckFreeText(review.note, note); !status.ok()) {
    return status;
  }
  if (const absl::Status status = CheckReviewer(lease, review, policy); !status.ok()) {
    return status;
  }
  const bool waits = lease.state == State::kRequested;
  const bool can_be_denied = waits || lease.state == State::kApproved ||
                             lease.state == State::kOpening || lease.state == State::kOpen;
  if ((yes ? !waits : !can_be_denied) || (waits && IsOverdue(lease, now))) {
    return NotNow(lease, now, "it does not wait for a review");
  }
  if (const absl::Status status = CheckDigest(review, command.digest_now); !status.ok()) {
    return status;
  }
  if (yes) {
    return SayYes(lease, std::move(review), policy, now);
  }
  return SayNo(lease, std::move(review), now);
}

Decision Decider::operator()(const Withdraw& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  if (!IsRequester(lease, command.by)) {
    return NotHolder("withdraw");
  }
  if (lease.state == State::kWithdrawn) {
    return std::vector<Event>{};
  }
  if (lease.state != State::kRequested && lease.state != State::kApproved) {
    return NotNow(lease, absl::InfinitePast(),
                  "give it back with `jit-access end ID` instead of withdrawing it");
  }
  return std::vector<Event>{Withdrawn{.by = command.by, .time = now}};
}

Decision Decider::operator()(const ReviewBreakGlass& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  SignedReview review = command.review;
  review.time = now;
  if (const absl::Status status = core::CheckFreeText(review.note, {"the text of the findings"});
      !status.ok()) {
    return status;
  }
  if (lease.path != policy::Path::kBreakGlass || !lease.terms->reviewer.has_value()) {
    return Refuse(Reason::kNothingToReview,
                  "this is not a break-glass lease; no review is owed on it");
  }
  if (IsRequester(lease, review.by)) {
    return OwnLease("reviews");
  }
  const auto can_sit = policy::WhoCanSit(policy.people, *lease.terms->reviewer, *lease.requester);
  if (can_sit.count(review.by) == 0) {
    return Refuse(Reason::kNoSeatForYou,
                  absl::StrCat("the review is for seat ", lease.terms->reviewer->name.text(),
                               ", which you cannot fill"));
  }
  if (!lease.debt_open) {
    return Refuse(Reason::kNothingToReview, "this break-glass lease has been reviewed already");
  }
  // One that ended without ever opening still owes its review, else its debt would stay for ever.
  if (lease.state == State::kRequested || lease.state == State::kApproved) {
    return Refuse(Reason::kWrongState,
                  absl::StrCat("this lease is ", StateWord(lease.state),
                               "; it can be reviewed once it has been opened or has ended"));
  }
  if (const absl::Status status = CheckDigest(review, command.digest_now); !status.ok()) {
    return status;
  }
  return std::vector<Event>{DebtReviewed{.review = std::move(review)}};
}

}  // namespace jit::lease
