// The inside of Decide: one overload per command. Only this folder's sources include it.
//
// Promises: a command without an overload does not build. Each overload answers with events, with
// one refusal, or with nothing when there is nothing to do. Pure; safe from any thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/change/command.h"
#include "broker/core/change/event.h"
#include "broker/core/policy/rule.h"

namespace jit::change {

using Decision = absl::StatusOr<std::vector<Event>>;

struct Decider {
  const Change& change;
  const policy::Policy& policy;
  absl::Time now;

  // decide_rehearsal.cc: planned, and tried.
  Decision operator()(const MakePlan& command) const;
  Decision operator()(const RecordRehearsed& command) const;
  Decision operator()(const RecordNotRehearsed& command) const;

  // decide_agreement.cc: submitted, agreed to or not.
  Decision operator()(const Submit& command) const;
  Decision operator()(const Review& command) const;
  Decision operator()(const Deny& command) const;
  Decision operator()(const Withdraw& command) const;
  Decision operator()(const Tick& command) const;

  // decide_execution.cc: it runs, once; and what another change did to it since.
  Decision operator()(const Apply& command) const;
  Decision operator()(const RecordApplied& command) const;
  Decision operator()(const RecordRolledBack& command) const;
  Decision operator()(const RecordSubjectMarked& command) const;
  Decision operator()(const MarkUndone& command) const;
  Decision operator()(const MarkDropped& command) const;
};

// What the decisions have in common, in decide.cc.

bool IsAuthor(const Change& change, const core::PersonId& person);

// Whether the time in which a change is submitted, decided or applied has passed.
bool IsOverdue(const Change& change, absl::Time now);

// Everyone whose yes counts in this round.
std::set<core::PersonId> YesReviewers(const Change& change);

policy::ChangeBid BidOf(const Plan& plan);

absl::Status NoSuchChange();
absl::Status NotAuthor(absl::string_view what);

// kAlreadyEnded when the change has ended or is overdue, else kWrongState; both name the state.
// `instead` says what to do.
absl::Status NotNow(const Change& change, absl::Time now, absl::string_view instead);

// kReviewDebt when there is a debt and the role does more than read.
absl::Status CheckDebt(const std::optional<core::LeaseId>& debt, policy::Access access);

// Whether what an undo or a drop is about stands as it must: kUnknownChange, kNothingToUndo or
// kWaitingPeriod. OK for a script and for what a lease did.
absl::Status CheckSubject(const Plan& plan, const std::optional<Change>& subject,
                          absl::Duration waiting_period, absl::Time now);

// A report as the journal can keep it: whole microseconds, text that is UTF-8.
Report Recordable(Report report);
std::vector<Finding> Recordable(std::vector<Finding> findings);

}  // namespace jit::change
