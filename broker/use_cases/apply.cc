#include "broker/use_cases/apply.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/change/expectation.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/login.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/read_script.h"
#include "broker/use_cases/run.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

template <class Wanted>
bool Holds(const std::vector<change::Event>& events) {
  return std::any_of(events.begin(), events.end(), [](const change::Event& event) {
    return std::holds_alternative<Wanted>(event);
  });
}

// What the target says of itself before anything is decided.
struct Facts {
  std::string system_identifier;
  std::string schema_fingerprint;
};
absl::StatusOr<Facts> LookAtTarget(Ports& ports, const core::TargetName& name) {
  if (!ports.time.Settled()) {
    return core::Refuse(core::Reason::kClockSkew,
                        "the broker's clock has just jumped; nothing is applied until it has been "
                        "steady for a minute");
  }
  absl::StatusOr<ports::Target*> target = TargetOf(ports, name);
  if (!target.ok()) return target.status();
  absl::StatusOr<ports::Bench*> bench = BenchOf(ports, name);
  if (!bench.ok()) return bench.status();
  absl::StatusOr<ports::Vitals> vitals = (*target)->Measure();
  if (!vitals.ok()) return vitals.status();
  absl::StatusOr<std::string> fingerprint = (*bench)->SchemaFingerprint();
  if (!fingerprint.ok()) return fingerprint.status();
  return Facts{vitals->system_identifier, *std::move(fingerprint)};
}

// Whether another change takes back or destroys what this one is about, or has done so and the
// subject has not heard of it yet; or whether the subject itself still owes such word to its own.
// Taken back before it told, it would tell nobody any more.
absl::Status CheckOthersOn(Ports& ports, const change::Change& change) {
  ports::ChangeFilter filter;
  filter.target = change.plan->target;
  filter.with_effect_only = true;
  filter.limit = 10'000;
  absl::StatusOr<std::vector<ports::ChangeSummary>> rows = ports.journal.ChangeSummaries(filter);
  if (!rows.ok()) return rows.status();
  for (const ports::ChangeSummary& row : *rows) {
    if (row.effect == change::Effect::kRehearse || row.id == *change.id) continue;
    if (row.id == *change.plan->subject.change) {
      return core::Refuse(core::Reason::kNothingToUndo,
                          absl::StrCat("change ", row.id.text(),
                                       " has just been applied, and what it took back has not "
                                       "heard of it yet; try again in a moment"));
    }
    absl::StatusOr<SeenChange> other = LoadChange(ports, row.id);
    if (!other.ok()) return other.status();
    if (other->change.plan->subject.change == change.plan->subject.change) {
      return core::Refuse(core::Reason::kNothingToUndo,
                          absl::StrCat("change ", row.id.text(),
                                       " takes the same change back, or has just done so"));
    }
  }
  return absl::OkStatus();
}

// One attempt to write the intent. The lease of the run is filed by the first attempt that gets as
// far, and kept for the next.
absl::StatusOr<SeenChange> ApplyOnce(Ports& ports, const core::PersonId& by,
                                     const core::ChangeId& id,
                                     std::optional<core::LeaseId>& filed) {
  absl::StatusOr<PolicyInForce> in_force = ReadPolicy(ports);
  if (!in_force.ok()) return in_force.status();
  absl::StatusOr<SeenChange> seen = LoadChangeFor(ports, id, by);
  if (!seen.ok()) return seen.status();
  const change::Plan& plan = *seen->change.plan;
  absl::StatusOr<std::int64_t> person_version =
      ports.journal.VersionOf(PersonStream(plan.requester));
  if (!person_version.ok()) return person_version.status();
  absl::StatusOr<std::optional<core::LeaseId>> debt = DebtOf(ports, plan.requester);
  if (!debt.ok()) return debt.status();
  Also also{{in_force->expectation,
             {PersonStream(plan.requester), *person_version, ports::Expectation::Then::kKeep}},
            std::nullopt};

  change::Apply command{.by = by,
                        .lease = filed.has_value() ? *filed : NewId<core::LeaseId>(ports),
                        .system_identifier = "",
                        .schema_fingerprint = "",
                        .debt = *debt,
                        .subject = std::nullopt};
  const bool could_apply = by == plan.requester && seen->change.state == change::State::kApproved;
  if (could_apply) {
    absl::StatusOr<Facts> facts = LookAtTarget(ports, plan.target);
    if (!facts.ok()) return facts.status();
    command.system_identifier = facts->system_identifier;
    command.schema_fingerprint = facts->schema_fingerprint;
  }
  if (plan.subject.change.has_value()) {
    // The version before the look: whoever else takes the same change back meanwhile advances it.
    const std::string stream = SubjectStream(*plan.subject.change);
    absl::StatusOr<std::int64_t> version = ports.journal.VersionOf(stream);
    if (!version.ok()) return version.status();
    also.expectations.push_back({stream, *version, ports::Expectation::Then::kAdvance});
    absl::StatusOr<SeenChange> subject = LoadChange(ports, *plan.subject.change);
    if (!subject.ok()) return subject.status();
    command.subject = subject->change;
    const absl::Status alone = could_apply ? CheckOthersOn(ports, seen->change) : absl::OkStatus();
    if (!alone.ok()) return alone;
  }
  const absl::Time now = ports.time.Now();
  absl::StatusOr<std::vector<change::Event>> events =
      change::Decide(seen->change, command, *in_force->policy, now);
  if (!events.ok()) return events.status();
  if (Holds<change::ApplyStarted>(*events) && !filed.has_value()) {
    absl::StatusOr<core::LeaseId> run = FileRun(ports, seen->change, ports::RunEnd::kCommit);
    if (!run.ok()) return run.status();
    filed = *run;
    command.lease = *run;
    events = change::Decide(seen->change, command, *in_force->policy, now);
    if (!events.ok()) return events.status();
  }
  absl::StatusOr<SeenChange> after = AppendEvents(ports, *seen, *events, also);
  if (!after.ok()) return after.status();
  if (Holds<change::SentBack>(*events)) {
    return core::Refuse(core::Reason::kPolicyChanged, after->change.why);
  }
  return after;
}

// "shop.orders.updated: expected 1, found 3"
std::string Words(const std::vector<change::Miss>& misses) {
  return absl::StrJoin(misses, "; ", [](std::string* out, const change::Miss& miss) {
    absl::StrAppend(out, miss.subject, ": expected ", miss.expected, ", found ", miss.found);
  });
}

// Lets a run commit only if it did what was rehearsed, on the schema it was rehearsed on.
class ExecutionWatcher : public ports::RunWatcher {
 public:
  ExecutionWatcher(RunView& view, const change::Change& change) : view_(view), change_(change) {}
  void Progress(const ports::RunProgress& progress) override { view_.Progress(progress); }
  bool Cancelled() override { return view_.Cancelled(); }
  absl::Status MayCommit(const change::Report& report,
                         const std::string& schema_fingerprint) override {
    const policy::Purpose purpose = change_.plan->purpose;
    const bool script =
        purpose == policy::Purpose::kScript || purpose == policy::Purpose::kUnrehearsed;
    if (script && schema_fingerprint != change_.rehearsal->schema_fingerprint) {
      return core::Refuse(core::Reason::kSchemaChanged,
                          "the schema changed since it was rehearsed; plan it again");
    }
    // What is never tried has no counts to expect.
    if (purpose == policy::Purpose::kUnrehearsed) return absl::OkStatus();
    const std::vector<change::Miss> misses = change::Misses(change_.rehearsal->expected, report);
    if (misses.empty()) return absl::OkStatus();
    return core::Refuse(core::Reason::kExpectationMissed, Words(misses));
  }

 private:
  RunView& view_;
  const change::Change& change_;
};

absl::StatusOr<SeenChange> Record(Ports& ports, const core::ChangeId& id,
                                  const change::Command& outcome) {
  return Execute(ports, id,
                 [&](const SeenChange&) -> absl::StatusOr<change::Command> { return outcome; });
}

// Nothing ran: the login was not opened, or not by somebody who knows its password.
absl::StatusOr<SeenChange> GiveUp(Ports& ports, const core::ChangeId& id, const core::LeaseId& run,
                                  const absl::Status& why) {
  if (core::ReasonOf(why) == core::Reason::kAlreadyExecuted) return why;
  const absl::StatusOr<RunLogin> login = EndRun(ports, run);
  if (!login.ok()) return login.status();
  // Anything but this may be another call's run; TendChanges looks once it is off.
  if (*login != RunLogin::kNeverOpened) return LoadChange(ports, id);
  return Record(ports, id, change::RecordRolledBack{std::string(why.message()), std::nullopt});
}

// What is to be recorded of an outcome that is certain.
change::Command RecordOf(const std::vector<sql::Statement>& statements, ports::RunOutcome outcome) {
  AddFindings(statements, outcome.report);
  if (outcome.end == ports::RunEnd::kCommit) {
    return change::RecordApplied{std::move(outcome.report)};
  }
  return change::RecordRolledBack{
      outcome.why.ok() ? "it was rolled back" : std::string(outcome.why.message()),
      std::move(outcome.report)};
}

}  // namespace

absl::StatusOr<SeenChange> ApplyChange(Ports& ports, const core::PersonId& by,
                                       const core::ChangeId& id) {
  std::optional<core::LeaseId> filed;
  absl::StatusOr<SeenChange> after = Insist([&] { return ApplyOnce(ports, by, id, filed); });
  // Should the append stand although its answer was lost, its run is found withdrawn, and the
  // change rolled back: nobody runs what nobody was told of.
  if (!after.ok() && filed.has_value()) (void)EndRun(ports, *filed);
  return after;
}

absl::StatusOr<SeenChange> RunExecution(Ports& ports, const core::ChangeId& id, RunView& view) {
  absl::StatusOr<SeenChange> seen = LoadChange(ports, id);
  if (!seen.ok()) return seen.status();
  if (seen->change.state != change::State::kApplying) {
    return core::Refuse(core::Reason::kAlreadyExecuted,
                        absl::StrCat("this change is ", change::StateWord(seen->change.state),
                                     "; it does not wait to be run"));
  }
  const core::LeaseId run = seen->change.execution->lease;
  absl::StatusOr<ReadyRun> ready = MakeReady(ports, seen->change, run, ports::RunEnd::kCommit);
  if (!ready.ok()) return GiveUp(ports, id, run, ready.status());

  ExecutionWatcher watcher(view, seen->change);
  absl::StatusOr<ports::RunOutcome> outcome = ready->bench->Run(ready->order, watcher);
  absl::StatusOr<SeenChange> after = seen;
  // An error is an unknown outcome: it stays kApplying until somebody has looked.
  if (outcome.ok()) {
    after = Record(ports, id, RecordOf(ready->order.statements, *std::move(outcome)));
  }
  const absl::StatusOr<RunLogin> ended = EndRun(ports, run);
  if (!after.ok()) return after.status();
  if (!ended.ok()) return ended.status();
  return after;
}

}  // namespace jit::use_cases
