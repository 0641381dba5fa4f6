#include "broker/rpc/convert_change_answers.h"

#include <string>
#include <utility>

#include "broker/core/change/lifecycle.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/convert_reports.h"

namespace jit::rpc {
namespace {

// A time that was never set stays unset on the wire.
template <class Message>
void SetTimeIfAny(absl::Time time, google::protobuf::Timestamp* (Message::*field)(),
                  Message& message) {
  if (time != absl::Time()) {
    SetTime(time, (message.*field)());
  }
}

v1::ChangeSubject::OnConflict ToProto(change::OnConflict on_conflict) {
  switch (on_conflict) {
    case change::OnConflict::kRefuse:
      return v1::ChangeSubject::ON_CONFLICT_REFUSE;
    case change::OnConflict::kSkip:
      return v1::ChangeSubject::ON_CONFLICT_SKIP;
    case change::OnConflict::kOverwrite:
      return v1::ChangeSubject::ON_CONFLICT_OVERWRITE;
  }
  return v1::ChangeSubject::ON_CONFLICT_UNSPECIFIED;
}

v1::ChangeProgress::Run ToProto(RunStand::Run run) {
  switch (run) {
    case RunStand::Run::kWaiting:
      return v1::ChangeProgress::RUN_WAITING;
    case RunStand::Run::kRehearsal:
      return v1::ChangeProgress::RUN_REHEARSAL;
    case RunStand::Run::kExecution:
      return v1::ChangeProgress::RUN_EXECUTION;
  }
  return v1::ChangeProgress::RUN_UNSPECIFIED;
}

void ShowSubject(const change::Plan& plan, v1::Change& shown) {
  if (!plan.subject.change.has_value() && !plan.subject.lease.has_value()) {
    return;
  }
  v1::ChangeSubject& subject = *shown.mutable_subject();
  if (plan.subject.change.has_value()) {
    subject.set_change_id(plan.subject.change->text());
  }
  if (plan.subject.lease.has_value()) {
    subject.set_lease_id(plan.subject.lease->text());
  }
  if (plan.subject.since.has_value()) {
    SetTime(*plan.subject.since, subject.mutable_since());
  }
  for (const std::string& table : plan.subject.tables) {
    subject.add_tables(table);
  }
  subject.set_on_conflict(ToProto(plan.subject.on_conflict));
}

void ShowTerms(const policy::ChangeTerms& terms, v1::ChangeTerms& shown) {
  shown.set_rule(terms.rule.text());
  for (const core::PgGroup& group : terms.member_of) {
    shown.add_member_of(group.text());
  }
  shown.set_owner(terms.owner.has_value() ? terms.owner->text() : "");
  shown.set_tolerance_percent(terms.tolerance_percent);
  shown.set_samples(terms.samples);
  for (const std::string& column : terms.masked) {
    shown.add_masked(column);
  }
  shown.set_rows_max(terms.rows_max);
  SetDuration(terms.run_max, shown.mutable_run_max());
  SetDuration(terms.statement_timeout, shown.mutable_statement_timeout());
  SetDuration(terms.lock_timeout, shown.mutable_lock_timeout());
  SetDuration(terms.waiting_period, shown.mutable_waiting_period());
  SetDuration(terms.images_kept, shown.mutable_images_kept());
}

void ShowRehearsal(const change::Rehearsal& rehearsal, ChangeView::Depth depth,
                   v1::ChangeRehearsal& shown) {
  shown.set_login(core::LoginName::Of(rehearsal.lease).text());
  if (depth == ChangeView::Depth::kWhole) {
    *shown.mutable_report() = rpc::ToProto(rehearsal.report);
    for (const change::Expectation& expectation : rehearsal.expected) {
      shown.add_expected(change::Text(expectation));
    }
  }
  for (const change::Miss& miss : rehearsal.misses) {
    v1::ChangeMiss* each = shown.add_misses();
    each->set_subject(miss.subject);
    each->set_expected(miss.expected);
    each->set_found(miss.found);
  }
  shown.set_schema_fingerprint(rehearsal.schema_fingerprint);
  shown.set_system_identifier(rehearsal.system_identifier);
}

void ShowExecution(const change::Execution& execution, ChangeView::Depth depth,
                   v1::ChangeExecution& shown) {
  shown.set_login(core::LoginName::Of(execution.lease).text());
  shown.set_by(execution.by.text());
  SetTimeIfAny(execution.start_time, &v1::ChangeExecution::mutable_start_time, shown);
  SetTimeIfAny(execution.end_time, &v1::ChangeExecution::mutable_end_time, shown);
  if (execution.report.has_value() && depth == ChangeView::Depth::kWhole) {
    *shown.mutable_report() = rpc::ToProto(*execution.report);
  }
  shown.set_why(execution.why);
}

void ShowSeats(const change::Change& change, const policy::Policy& policy, v1::Change& shown) {
  for (const policy::Seat& seat : change.terms->seats) {
    v1::Seat& each = *shown.add_seats();
    each = rpc::ToProto(seat, policy, change.plan->requester);
    if (const auto filled = change.seats.find(seat.name); filled != change.seats.end()) {
      each.set_filled_by(filled->second.text());
    }
  }
}

}  // namespace

v1::Change::State ToProto(change::State state) {
  switch (state) {
    case change::State::kNone:
      return v1::Change::STATE_UNSPECIFIED;
    case change::State::kPlanned:
      return v1::Change::STATE_PLANNED;
    case change::State::kRehearsed:
      return v1::Change::STATE_REHEARSED;
    case change::State::kFailed:
      return v1::Change::STATE_FAILED;
    case change::State::kSubmitted:
      return v1::Change::STATE_SUBMITTED;
    case change::State::kApproved:
      return v1::Change::STATE_APPROVED;
    case change::State::kDenied:
      return v1::Change::STATE_DENIED;
    case change::State::kWithdrawn:
      return v1::Change::STATE_WITHDRAWN;
    case change::State::kLapsed:
      return v1::Change::STATE_LAPSED;
    case change::State::kApplying:
      return v1::Change::STATE_APPLYING;
    case change::State::kApplied:
      return v1::Change::STATE_APPLIED;
    case change::State::kRolledBack:
      return v1::Change::STATE_ROLLED_BACK;
    case change::State::kUndone:
      return v1::Change::STATE_UNDONE;
    case change::State::kDropped:
      return v1::Change::STATE_DROPPED;
  }
  return v1::Change::STATE_UNSPECIFIED;
}

v1::Change::Purpose ToProto(policy::Purpose purpose) {
  switch (purpose) {
    case policy::Purpose::kScript:
      return v1::Change::PURPOSE_SCRIPT;
    case policy::Purpose::kUnrehearsed:
      return v1::Change::PURPOSE_UNREHEARSED;
    case policy::Purpose::kUndo:
      return v1::Change::PURPOSE_UNDO;
    case policy::Purpose::kDropForGood:
      return v1::Change::PURPOSE_DROP_FOR_GOOD;
  }
  return v1::Change::PURPOSE_UNSPECIFIED;
}

v1::ChangeProgress ToProto(const RunStand& stand) {
  v1::ChangeProgress shown;
  shown.set_run(ToProto(stand.run));
  shown.set_statement(stand.statement);
  shown.set_statements(stand.statements);
  shown.set_rows(stand.rows);
  SetDuration(stand.elapsed, shown.mutable_elapsed());
  shown.set_cancelling(stand.wish == RunStand::Wish::kStop);
  shown.set_tick(stand.tick);
  return shown;
}

v1::Change ChangeView::Show(const use_cases::SeenChange& seen, Depth depth) const {
  const change::Change& change = seen.change;
  const change::Plan& plan = *change.plan;
  v1::Change shown;
  shown.set_id(change.id->text());
  shown.set_version(seen.version);
  shown.set_state(ToProto(change.state));
  shown.set_purpose(ToProto(plan.purpose));
  shown.set_requester(plan.requester.text());
  shown.set_target(plan.target.text());
  shown.set_role(plan.role.text());
  shown.set_reason(plan.reason);
  shown.set_script_digest(plan.script_digest);
  ShowSubject(plan, shown);
  if (depth == Depth::kWhole) {
    shown.set_script(plan.script);
    for (const change::Expectation& expectation : plan.written) {
      shown.add_expectations(change::Text(expectation));
    }
  }
  ShowTerms(*change.terms, *shown.mutable_terms());
  if (change.rehearsal.has_value()) {
    ShowRehearsal(*change.rehearsal, depth, *shown.mutable_rehearsal());
  }
  ShowSeats(change, policy_, shown);
  for (const lease::SignedReview& review : change.reviews) {
    v1::ChangeReview* each = shown.add_reviews();
    each->set_by(review.by.text());
    each->set_approved(review.verdict == lease::Verdict::kYes);
    each->set_note(review.note);
    SetTime(review.time, each->mutable_time());
  }
  shown.set_round(change.round);
  if (change.execution.has_value()) {
    ShowExecution(*change.execution, depth, *shown.mutable_execution());
  }
  if (const std::optional<RunStand> stand = hooks_.stand(*change.id)) {
    *shown.mutable_progress() = rpc::ToProto(*stand);
  }
  shown.set_why(change.why);
  shown.set_undone_by(change.undone_by.has_value() ? change.undone_by->text() : "");
  shown.set_dropped_by(change.dropped_by.has_value() ? change.dropped_by->text() : "");
  SetTimeIfAny(change.plan_time, &v1::Change::mutable_plan_time, shown);
  SetTimeIfAny(change.rehearse_time, &v1::Change::mutable_rehearse_time, shown);
  SetTimeIfAny(change.submit_time, &v1::Change::mutable_submit_time, shown);
  SetTimeIfAny(change.approve_time, &v1::Change::mutable_approve_time, shown);
  if (const std::optional<absl::Time> deadline = change::NextDeadline(change)) {
    SetTime(*deadline, shown.mutable_lapse_time());
  }
  shown.set_final(change::IsFinal(change.state));
  for (const change::Finding& finding : change.findings) {
    *shown.add_findings() = ToProto(finding);
  }
  return shown;
}

v1::ListChangesResponse ToProto(const use_cases::ChangePage& page, const ChangeView& view) {
  v1::ListChangesResponse response;
  std::size_t bytes = 0;
  for (const use_cases::SeenChange& seen : page.rows) {
    v1::Change shown = view.Show(seen, ChangeView::Depth::kOutline);
    bytes += shown.ByteSizeLong();
    if (bytes > kAnswerBytesMax && response.changes_size() > 0) {
      response.set_next_page_token(response.changes().rbegin()->id());
      return response;
    }
    *response.add_changes() = std::move(shown);
  }
  if (page.next_after.has_value()) {
    response.set_next_page_token(page.next_after->text());
  }
  return response;
}

void AddTo(v1::ListInboxResponse& response, const std::vector<use_cases::SeenChange>& waiting,
           const ChangeView& view) {
  std::size_t bytes = 0;
  for (const use_cases::SeenChange& seen : waiting) {
    v1::Change shown = view.Show(seen, ChangeView::Depth::kOutline);
    bytes += shown.ByteSizeLong();
    if (bytes > kAnswerBytesMax && response.changes_size() > 0) {
      return;
    }
    *response.add_changes() = std::move(shown);
  }
}

v1::ListChangeHistoryResponse ToChangeHistory(const std::vector<ledger::Record>& records) {
  v1::ListChangeHistoryResponse response;
  for (v1::TimelineEvent& event : ToEvents(records)) {
    *response.add_events() = std::move(event);
  }
  return response;
}

}  // namespace jit::rpc
