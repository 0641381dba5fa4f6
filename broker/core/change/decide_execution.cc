#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/decide.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/free_text.h"
#include "broker/core/refusal.h"

namespace jit::change {
namespace {

using core::Reason;
using core::Refuse;

bool WasExecuted(State state) {
  return state == State::kApplying || state == State::kApplied || state == State::kRolledBack ||
         state == State::kUndone || state == State::kDropped;
}

// Whether everyone who filled a seat may still sit there, by today's directory.
absl::Status SeatsStillStand(const Change& change, const policy::Policy& policy) {
  const auto& seats = change.terms->seats;
  const policy::Assignment today =
      policy::AssignSeats(policy.people, seats, change.plan->requester, YesReviewers(change));
  for (const policy::Seat& seat : seats) {
    if (today.count(seat.name) == 0) {
      return Refuse(Reason::kPolicyChanged,
                    absl::StrCat("a reviewer who filled seat ", seat.name.text(),
                                 " may no longer sit there"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTarget(const Rehearsal& rehearsal, const Apply& command) {
  if (command.system_identifier != rehearsal.system_identifier) {
    return Refuse(Reason::kTargetNotReady,
                  "the target is another cluster than the one this change was rehearsed on; an "
                  "operator has to look at it");
  }
  if (command.schema_fingerprint != rehearsal.schema_fingerprint) {
    return Refuse(
        Reason::kSchemaChanged,
        "the schema of the target has changed since the rehearsal; plan the change again");
  }
  return absl::OkStatus();
}

// Back to review under today's policy.
Decision SendBack(policy::ChangeTerms terms, absl::Time now, const absl::Status& why) {
  const bool waits = !terms.seats.empty();
  std::vector<Event> events;
  events.push_back(
      SentBack{.why = std::string(why.message()), .terms = std::move(terms), .time = now});
  if (!waits) {
    events.push_back(Approved{.time = now});
  }
  return events;
}

std::optional<Report> RecordableReport(const std::optional<Report>& report) {
  return report.has_value() ? std::optional(Recordable(*report)) : std::nullopt;
}

absl::Status NotApplied(const Change& change) {
  return Refuse(Reason::kNothingToUndo,
                absl::StrCat("this change is ", StateWord(change.state), ", not applied"));
}

}  // namespace

Decision Decider::operator()(const Apply& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  if (!IsAuthor(change, command.by)) {
    return NotAuthor("apply");
  }
  if (WasExecuted(change.state)) {
    return Refuse(Reason::kAlreadyExecuted,
                  absl::StrCat("this change is ", StateWord(change.state),
                               "; each runs once, so plan it again to run it again"));
  }
  if (change.state != State::kApproved || IsOverdue(change, now)) {
    return NotNow(change, now, "it can be applied once every seat is filled");
  }
  if (const absl::Status status = CheckDebt(command.debt, change.terms->access); !status.ok()) {
    return status;
  }
  const Plan& plan = *change.plan;
  absl::Status stands = policy::ChangeStillStands(policy, BidOf(plan), *change.terms);
  if (stands.ok()) {
    stands = SeatsStillStand(change, policy);
  }
  absl::StatusOr<policy::ChangeTerms> terms =
      stands.ok() ? *change.terms : policy::JudgeChange(policy, BidOf(plan));
  if (!terms.ok()) {
    return terms.status();
  }
  // What no review can mend is said before anybody is asked to review again.
  if (const absl::Status status = CheckTarget(*change.rehearsal, command); !status.ok()) {
    return status;
  }
  if (const absl::Status status = CheckSubject(plan, command.subject, terms->waiting_period, now);
      !status.ok()) {
    return status;
  }
  if (!stands.ok()) {
    return SendBack(*std::move(terms), now, stands);
  }
  return std::vector<Event>{ApplyStarted{.by = command.by, .lease = command.lease, .time = now}};
}

Decision Decider::operator()(const RecordApplied& command) const {
  if (change.state != State::kApplying) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{Applied{.report = RecordableReport(command.report), .time = now}};
}

Decision Decider::operator()(const RecordRolledBack& command) const {
  if (change.state != State::kApplying) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{RolledBack{.why = core::AsFreeText(command.why),
                                       .report = RecordableReport(command.report),
                                       .time = now}};
}

Decision Decider::operator()(const RecordSubjectMarked&) const {
  if (EffectOf(change) != Effect::kMarkSubject) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{SubjectMarked{.time = now}};
}

Decision Decider::operator()(const MarkUndone& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  if (change.undone_by == command.by) {
    return std::vector<Event>{};
  }
  if (change.state != State::kApplied) {
    return NotApplied(change);
  }
  return std::vector<Event>{Undone{.by = command.by, .time = now}};
}

Decision Decider::operator()(const MarkDropped& command) const {
  if (!change.id.has_value()) {
    return NoSuchChange();
  }
  if (change.dropped_by == command.by) {
    return std::vector<Event>{};
  }
  if (change.state != State::kApplied) {
    return NotApplied(change);
  }
  return std::vector<Event>{DroppedForGood{.by = command.by, .time = now}};
}

}  // namespace jit::change
