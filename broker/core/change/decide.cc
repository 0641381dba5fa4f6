#include "broker/core/change/decide.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/free_text.h"
#include "broker/core/policy/access.h"
#include "broker/core/refusal.h"

namespace jit::change {
namespace {

using core::Reason;
using core::Refuse;

// Runs are minutes long; a day is more than any of them, and what is longer was measured wrongly.
constexpr absl::Duration kLongestMeasured = absl::Hours(24);

absl::Duration Recordable(absl::Duration measured) {
  return absl::Trunc(std::clamp(measured, absl::ZeroDuration(), kLongestMeasured),
                     absl::Microseconds(1));
}

void MakeRecordable(std::string& text) {
  text = core::AsFreeText(text);
}

void MakeRecordable(std::optional<std::string>& text) {
  if (text.has_value()) {
    MakeRecordable(*text);
  }
}

void MakeRecordable(std::vector<TableEffect>& tables) {
  for (TableEffect& table : tables) {
    MakeRecordable(table.schema);
    MakeRecordable(table.table);
  }
}

void MakeRecordable(StatementReport& statement) {
  MakeRecordable(statement.kind);
  MakeRecordable(statement.tag);
  // A piece of the script, whose bytes were checked; it is never cut.
  if (!core::IsUtf8(statement.text)) {
    MakeRecordable(statement.text);
  }
  statement.elapsed = Recordable(statement.elapsed);
  MakeRecordable(statement.tables);
  statement.findings = Recordable(std::move(statement.findings));
  MakeRecordable(statement.kept);
}

void MakeRecordable(Sample& sample) {
  MakeRecordable(sample.schema);
  MakeRecordable(sample.table);
  for (Cell& cell : sample.cells) {
    MakeRecordable(cell.column);
    MakeRecordable(cell.before);
    MakeRecordable(cell.after);
  }
}

absl::Status Undoable(const Change& subject) {
  if (subject.state != State::kApplied) {
    return Refuse(Reason::kNothingToUndo, absl::StrCat("the change to be taken back is ",
                                                       StateWord(subject.state), ", not applied"));
  }
  if (subject.plan->purpose == policy::Purpose::kDropForGood ||
      subject.plan->purpose == policy::Purpose::kUnrehearsed) {
    return Refuse(Reason::kNothingToUndo, "that change kept nothing that could be put back");
  }
  return absl::OkStatus();
}

absl::Status Droppable(const Change& subject, absl::Duration waiting_period, absl::Time now) {
  if (subject.state != State::kApplied) {
    return Refuse(Reason::kNothingToUndo,
                  absl::StrCat("the change whose kept things would be destroyed is ",
                               StateWord(subject.state), ", not applied"));
  }
  const absl::Time from = subject.execution->end_time + waiting_period;
  if (now < from) {
    return Refuse(
        Reason::kWaitingPeriod,
        absl::StrCat("what that change kept may be destroyed from ",
                     absl::FormatTime(absl::RFC3339_sec, from, absl::UTCTimeZone()), " on"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Event>> Decide(const Change& change, const Command& command,
                                          const policy::Policy& policy, absl::Time now) {
  // Records keep microseconds; deciding on what they will say makes a replay decide the same.
  const absl::Time recorded_now = absl::FromUnixMicros(absl::ToUnixMicros(now));
  return std::visit(Decider{change, policy, recorded_now}, command);
}

bool IsAuthor(const Change& change, const core::PersonId& person) {
  return change.plan.has_value() && change.plan->requester == person;
}

bool IsOverdue(const Change& change, absl::Time now) {
  const std::optional<absl::Time> deadline = NextDeadline(change);
  return deadline.has_value() && now >= *deadline;
}

std::set<core::PersonId> YesReviewers(const Change& change) {
  std::set<core::PersonId> people;
  for (const lease::SignedReview& review : change.reviews) {
    if (review.verdict == lease::Verdict::kYes) {
      people.insert(review.by);
    }
  }
  return people;
}

policy::ChangeBid BidOf(const Plan& plan) {
  return policy::ChangeBid{.requester = plan.requester,
                           .target = plan.target,
                           .role = plan.role,
                           .purpose = plan.purpose};
}

absl::Status NoSuchChange() {
  return Refuse(Reason::kUnknownChange, "there is no such change, or it is not yours to see");
}

absl::Status NotAuthor(absl::string_view what) {
  return Refuse(Reason::kNotHolder,
                absl::StrCat("only the person who planned this change may ", what, " it"));
}

absl::Status NotNow(const Change& change, absl::Time now, absl::string_view instead) {
  if (IsFinal(change.state)) {
    return Refuse(Reason::kAlreadyEnded, absl::StrCat("this change has ended: it is ",
                                                      StateWord(change.state), "; plan it again"));
  }
  if (IsOverdue(change, now)) {
    return Refuse(Reason::kAlreadyEnded, absl::StrCat("the time of this ", StateWord(change.state),
                                                      " change has run out; plan it again"));
  }
  return Refuse(Reason::kWrongState,
                absl::StrCat("this change is ", StateWord(change.state), "; ", instead));
}

absl::Status CheckDebt(const std::optional<core::LeaseId>& debt, policy::Access access) {
  if (!debt.has_value() || !policy::Writes(access)) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kReviewDebt,
                absl::StrCat("your break-glass lease ", debt->text(),
                             " has not been reviewed yet; until somebody runs `jit-approve review ",
                             debt->text(), "` no change of yours can be planned or applied"));
}

absl::Status CheckSubject(const Plan& plan, const std::optional<Change>& subject,
                          absl::Duration waiting_period, absl::Time now) {
  if (!plan.subject.change.has_value()) {
    return absl::OkStatus();
  }
  const bool same = subject.has_value() && subject->id == plan.subject.change &&
                    subject->plan.has_value() && subject->plan->target == plan.target &&
                    subject->plan->role == plan.role;
  if (!same) {
    return Refuse(Reason::kUnknownChange,
                  "there is no such change of this role on this target, or it is not yours to see");
  }
  return plan.purpose == policy::Purpose::kDropForGood ? Droppable(*subject, waiting_period, now)
                                                       : Undoable(*subject);
}

std::vector<Finding> Recordable(std::vector<Finding> findings) {
  for (Finding& finding : findings) {
    MakeRecordable(finding.code);
    MakeRecordable(finding.why);
  }
  return findings;
}

Report Recordable(Report report) {
  for (StatementReport& statement : report.statements) {
    MakeRecordable(statement);
  }
  MakeRecordable(report.tables);
  for (Sample& sample : report.samples) {
    MakeRecordable(sample);
  }
  for (LockTaken& lock : report.locks) {
    MakeRecordable(lock.object);
    MakeRecordable(lock.mode);
    lock.held = Recordable(lock.held);
  }
  for (ObjectEffect& object : report.objects) {
    MakeRecordable(object.kind);
    MakeRecordable(object.name);
  }
  for (Conflict& conflict : report.conflicts) {
    MakeRecordable(conflict.table);
    MakeRecordable(conflict.key);
    MakeRecordable(conflict.what);
  }
  for (std::string& why : report.not_rehearsed) {
    MakeRecordable(why);
  }
  for (std::string& why : report.undo_cannot) {
    MakeRecordable(why);
  }
  report.elapsed = Recordable(report.elapsed);
  return report;
}

}  // namespace jit::change
