#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/decide.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/free_text.h"
#include "broker/core/refusal.h"

namespace jit::change {
namespace {

using core::Needed;
using core::Reason;
using core::Refuse;
using lease::SignedReview;

bool CouldSit(const Change& change, const policy::Policy& policy, const core::PersonId& person) {
  const auto& seats = change.terms->seats;
  return std::any_of(seats.begin(), seats.end(), [&](const policy::Seat& seat) {
    return policy::WhoCanSit(policy.people, seat, change.plan->requester).count(person) > 0;
  });
}

bool HasReviewed(const Change& change, const core::PersonId& person) {
  return std::any_of(change.reviews.begin(), change.reviews.end(),
                     [&](const SignedReview& review) { return review.by == person; });
}

absl::Status OwnChange() {
  return Refuse(
      Reason::kOwnLease,
      "nobody decides on their own change; somebody else has to, and you may withdraw it");
}

// What every review of a change, yes or no, has to pass whatever the state is.
absl::Status CheckReviewer(const Change& change, const SignedReview& review,
                           const policy::Policy& policy) {
  if (IsAuthor(change, review.by)) {
    return OwnChange();
  }
  if (!CouldSit(change, policy, review.by)) {
    return Refuse(Reason::kNoSeatForYou,
                  change.terms->seats.empty()
                      ? "this change demands no review"
                      : "the rule of this change names no seat that you could fill");
  }
  if (HasReviewed(change, review.by)) {
    return Refuse(Reason::kAlreadyReviewed,
                  "you have given your review already; to take an approval back use `jit-approve "
                  "revoke ID`");
  }
  return absl::OkStatus();
}

// A yes from somebody who could sit, to a change that waits for it.
Decision SayYes(const Change& change, SignedReview review, const policy::Policy& policy,
                absl::Time now) {
  std::set<core::PersonId> reviewers = YesReviewers(change);
  const auto& seats = change.terms->seats;
  const core::PersonId& requester = change.plan->requester;
  if (!policy::WouldHelp(policy.people, seats, requester, reviewers, review.by)) {
    return Refuse(Reason::kNoSeatForYou,
                  "the seats that you could fill are taken; somebody else has to fill the rest");
  }
  reviewers.insert(review.by);
  policy::Assignment assignment = policy::AssignSeats(policy.people, seats, requester, reviewers);
  const bool full = assignment.size() == seats.size();
  std::vector<Event> events;
  events.push_back(Reviewed{.review = std::move(review), .seats = std::move(assignment)});
  if (full) {
    events.push_back(Approved{.time = now});
  }
  return events;
}

Decision SayNo(const Change& change, SignedReview review, absl::Time now) {
  Denied denied{.by = review.by, .note = review.note, .time = now};
  std::vector<Event> events;
  events.push_back(Reviewed{.review = std::move(review), .seats = change.seats});
  events.push_back(std::move(denied));
  return events;
}

}  // namespace

Decision Decider::operator()(const Submit& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  if (!IsAuthor(change, command.by)) {
    return NotAuthor("submit");
  }
  if (change.state == State::kSubmitted) {
    return std::vector<Event>{};
  }
  if (change.state != State::kRehearsed || IsOverdue(change, now)) {
    return NotNow(change, now, "only a change that was rehearsed and waits can be submitted");
  }
  if (const std::size_t misses = change.rehearsal->misses.size(); misses > 0) {
    return Refuse(Reason::kExpectationMissed,
                  absl::StrCat("the rehearsal found other counts than expected in ", misses,
                               misses == 1 ? " place" : " places",
                               "; correct the script or the expectation and plan it again"));
  }
  // Nothing would be taken back: reviewers are not asked about that.
  const std::size_t conflicts = change.rehearsal->report.conflicts.size();
  if (conflicts > 0 && change.plan->subject.on_conflict == OnConflict::kRefuse) {
    return Refuse(Reason::kUndoConflicts,
                  absl::StrCat(conflicts, conflicts == 1 ? " row stands" : " rows stand",
                               " in the way, so nothing would be taken back; the report says why "
                               "of each; see to them and plan it again"));
  }
  std::vector<Event> events;
  events.push_back(Submitted{.time = now});
  if (change.terms->seats.empty()) {
    events.push_back(Approved{.time = now});
  }
  return events;
}

Decision Decider::operator()(const Review& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  SignedReview review = command.review;
  review.time = now;
  const bool yes = review.verdict == lease::Verdict::kYes;
  const core::FreeTextRule note{"the note", yes ? Needed::kOptional : Needed::kRequired};
  if (const absl::Status status = core::CheckFreeText(review.note, note); !status.ok()) {
    return status;
  }
  if (const absl::Status status = CheckReviewer(change, review, policy); !status.ok()) {
    return status;
  }
  const bool waits = change.state == State::kSubmitted;
  const bool can_be_denied = waits || change.state == State::kApproved;
  if ((yes ? !waits : !can_be_denied) || (waits && IsOverdue(change, now))) {
    return NotNow(change, now, "it does not wait for a review");
  }
  if (review.digest != command.digest_now) {
    return Refuse(Reason::kDigestMismatch,
                  "what you signed is not what stands there now; look at the change again with "
                  "`jit-approve show ID` and decide on what it shows");
  }
  return yes ? SayYes(change, std::move(review), policy, now)
             : SayNo(change, std::move(review), now);
}

Decision Decider::operator()(const Deny& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  if (const absl::Status status = core::CheckFreeText(command.note, {"the note"}); !status.ok()) {
    return status;
  }
  if (IsAuthor(change, command.by)) {
    return OwnChange();
  }
  if (!policy::MayDenyChange(policy, command.by, change.plan->requester, *change.terms)) {
    return Refuse(Reason::kNoSeatForYou,
                  "only somebody who could review this change, or an operator, may take its "
                  "approval back");
  }
  if (change.state == State::kDenied) {
    return std::vector<Event>{};
  }
  if (change.state != State::kApproved) {
    return NotNow(change, now, "an approval that was not given cannot be taken back");
  }
  return std::vector<Event>{Denied{.by = command.by, .note = command.note, .time = now}};
}

Decision Decider::operator()(const Withdraw& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  if (!IsAuthor(change, command.by)) {
    return NotAuthor("withdraw");
  }
  switch (change.state) {
    case State::kPlanned:
    case State::kRehearsed:
    case State::kSubmitted:
    case State::kApproved:
      return std::vector<Event>{Withdrawn{.by = command.by, .time = now}};
    case State::kWithdrawn:
      return std::vector<Event>{};
    case State::kNone:
    case State::kFailed:
    case State::kDenied:
    case State::kLapsed:
    case State::kApplying:
    case State::kApplied:
    case State::kRolledBack:
    case State::kUndone:
    case State::kDropped:
      break;
  }
  return NotNow(change, absl::InfinitePast(),
                "it runs or has run; take it back with `jit-access change undo ID`");
}

Decision Decider::operator()(const Tick&) const {
  if (!IsOverdue(change, now)) {
    return std::vector<Event>{};
  }
  const policy::ChangeTerms& terms = *change.terms;
  const auto lapse = [&](absl::string_view what, absl::Duration window) {
    return std::vector<Event>{
        Lapsed{.why = absl::StrCat("it was not ", what, " within ", absl::FormatDuration(window)),
               .time = now}};
  };
  switch (change.state) {
    case State::kRehearsed:
      return lapse("submitted", terms.review_window);
    case State::kSubmitted:
      return lapse("decided", terms.review_window);
    case State::kApproved:
      return lapse("applied", terms.approved_window);
    case State::kNone:
    case State::kPlanned:
    case State::kFailed:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kApplying:
    case State::kApplied:
    case State::kRolledBack:
    case State::kUndone:
    case State::kDropped:
      break;
  }
  return std::vector<Event>{};
}

}  // namespace jit::change
