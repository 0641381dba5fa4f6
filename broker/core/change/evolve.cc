#include <utility>

#include "broker/core/change/lifecycle.h"

namespace jit::change {
namespace {

// One overload per event; an event without one does not build. Each writes down what the event says
// and asks no questions: what was appended happened.
struct Evolution {
  Change& change;

  void operator()(const Planned& event) const {
    change.id = event.id;
    change.state = State::kPlanned;
    change.plan = event.plan;
    change.terms = event.terms;
    change.plan_time = event.time;
  }
  void operator()(const Rehearsed& event) const {
    change.state = State::kRehearsed;
    change.rehearsal = event.rehearsal;
    change.rehearse_time = event.time;
  }
  void operator()(const NotRehearsed& event) const {
    change.state = State::kFailed;
    change.why = event.why;
    change.findings = event.findings;
  }
  void operator()(const Submitted& event) const {
    change.state = State::kSubmitted;
    change.submit_time = event.time;
    change.round_time = event.time;
  }
  void operator()(const Reviewed& event) const {
    change.reviews.push_back(event.review);
    change.seats = event.seats;
  }
  void operator()(const Approved& event) const {
    change.state = State::kApproved;
    change.approve_time = event.time;
  }
  void operator()(const SentBack& event) const {
    change.state = State::kSubmitted;
    change.terms = event.terms;
    change.reviews.clear();
    change.seats.clear();
    ++change.round;
    change.round_time = event.time;
    change.why = event.why;
    change.approve_time = absl::Time();
  }
  void operator()(const Denied& event) const {
    change.state = State::kDenied;
    change.why = event.note;
  }
  void operator()(const Withdrawn&) const { change.state = State::kWithdrawn; }
  void operator()(const Lapsed& event) const {
    change.state = State::kLapsed;
    change.why = event.why;
  }
  void operator()(const ApplyStarted& event) const {
    change.state = State::kApplying;
    change.execution = Execution{.lease = event.lease,
                                 .by = event.by,
                                 .start_time = event.time,
                                 .end_time = absl::Time(),
                                 .report = std::nullopt,
                                 .why = std::string()};
  }
  void operator()(const Applied& event) const {
    change.state = State::kApplied;
    EndExecution(event.report, event.time);
  }
  void operator()(const RolledBack& event) const {
    change.state = State::kRolledBack;
    change.why = event.why;
    EndExecution(event.report, event.time);
    if (change.execution.has_value()) {
      change.execution->why = event.why;
    }
  }
  void operator()(const SubjectMarked&) const { change.subject_marked = true; }
  void operator()(const Undone& event) const {
    change.state = State::kUndone;
    change.undone_by = event.by;
  }
  void operator()(const DroppedForGood& event) const {
    change.state = State::kDropped;
    change.dropped_by = event.by;
  }

 private:
  void EndExecution(const std::optional<Report>& report, absl::Time time) const {
    if (change.execution.has_value()) {
      change.execution->report = report;
      change.execution->end_time = time;
    }
  }
};

bool OwesMark(const Change& change) {
  return change.state == State::kApplied && !change.subject_marked && change.plan.has_value() &&
         change.plan->subject.change.has_value();
}

}  // namespace

Change Evolve(Change change, const Event& event) {
  std::visit(Evolution{change}, event);
  return change;
}

Effect EffectOf(const Change& change) {
  switch (change.state) {
    case State::kPlanned:
      return Effect::kRehearse;
    case State::kApplying:
      return Effect::kApply;
    case State::kApplied:
      return OwesMark(change) ? Effect::kMarkSubject : Effect::kNone;
    case State::kNone:
    case State::kRehearsed:
    case State::kFailed:
    case State::kSubmitted:
    case State::kApproved:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kRolledBack:
    case State::kUndone:
    case State::kDropped:
      break;
  }
  return Effect::kNone;
}

std::optional<absl::Time> NextDeadline(const Change& change) {
  if (!change.terms.has_value()) {
    return std::nullopt;
  }
  switch (change.state) {
    case State::kRehearsed:
      return change.rehearse_time + change.terms->review_window;
    case State::kSubmitted:
      return change.round_time + change.terms->review_window;
    case State::kApproved:
      return change.approve_time + change.terms->approved_window;
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
  return std::nullopt;
}

}  // namespace jit::change
