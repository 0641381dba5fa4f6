#include "broker/use_cases/plan_change.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "broker/core/change/expectation.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/policy/judge.h"
#include "broker/core/refusal.h"
#include "broker/ledger/merkle.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/read_script.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// What makes two orders the same: everything their author said.
ports::Answer AnswerFor(const PlanOrder& order, const core::ChangeId& id) {
  const change::Plan& plan = order.plan;
  const change::Subject& subject = plan.subject;
  std::vector<std::string> parts = {
      "plan change",
      plan.target.text(),
      plan.role.text(),
      change::PurposeWord(plan.purpose),
      plan.reason,
      plan.script,
      subject.change.has_value() ? subject.change->text() : "",
      subject.lease.has_value() ? subject.lease->text() : "",
      subject.since.has_value() ? absl::StrCat(absl::ToUnixMicros(*subject.since)) : "",
      absl::StrCat(static_cast<int>(subject.on_conflict)),
      absl::StrJoin(subject.tables, ",")};
  for (const change::Expectation& written : plan.written) parts.push_back(change::Text(written));
  return AnswerTo(plan.requester, order.idempotency_id, parts, id.text());
}

// The plan of a script, with what its own head comment expects.
absl::Status CompleteScript(Ports& ports, change::Plan& plan) {
  absl::StatusOr<sql::Script> script = ReadScript(ports, plan.script);
  if (!script.ok()) return script.status();
  const absl::Status fit = CheckScript(*script, plan.purpose);
  if (!fit.ok()) return fit;
  std::vector<change::Expectation> head;
  for (const std::string& text : script->expectations) {
    absl::StatusOr<std::vector<change::Expectation>> some = change::ParseExpectations(text);
    if (!some.ok()) {
      return core::Refuse(core::Reason::kMalformedExpectation,
                          absl::StrCat("in the head of the script: ", some.status().message()));
    }
    head.insert(head.end(), some->begin(), some->end());
  }
  plan.written = change::Joined(plan.written, head);
  plan.script_digest = ledger::Sha256Hex(plan.script);
  return absl::OkStatus();
}

// The plan of an undo of what a lease did: for its holder, and for whoever could have taken it
// away.
absl::Status CompleteFromLease(Ports& ports, const core::LeaseId& id, change::Plan& plan) {
  absl::StatusOr<SeenLease> seen = LoadLeaseFor(ports, id, plan.requester);
  if (!seen.ok()) return seen.status();
  const lease::Lease& lease = seen->lease;
  if (lease.path == policy::Path::kChange) {
    return core::Refuse(core::Reason::kNothingToUndo,
                        "this is the login of a guarded change; undo the change");
  }
  const auto policy = ports.policy.Current();
  if (plan.requester != *lease.requester &&
      !policy::MayRevoke(*policy, plan.requester, *lease.requester, *lease.terms)) {
    return core::Refuse(core::Reason::kNotHolder,
                        "only its holder, somebody who could review it or an operator may take "
                        "back what a lease did");
  }
  if (lease.open_time == absl::Time()) {
    return core::Refuse(core::Reason::kNothingToUndo, "this lease was never open");
  }
  plan.target = *lease.target;
  plan.role = *lease.role;
  return absl::OkStatus();
}

// The plan with everything that its author did not have to say, and the subject as it stands.
absl::StatusOr<std::optional<SeenChange>> Complete(Ports& ports, change::Plan& plan) {
  if (plan.purpose == policy::Purpose::kScript || plan.purpose == policy::Purpose::kUnrehearsed) {
    const absl::Status completed = CompleteScript(ports, plan);
    if (!completed.ok()) return completed;
    return std::optional<SeenChange>();
  }
  plan.script_digest = ledger::Sha256Hex(plan.script);
  if (plan.subject.lease.has_value()) {
    const absl::Status completed = CompleteFromLease(ports, *plan.subject.lease, plan);
    if (!completed.ok()) return completed;
    return std::optional<SeenChange>();
  }
  if (!plan.subject.change.has_value()) {
    return core::Refuse(core::Reason::kNothingToUndo, "it does not say what to undo or to drop");
  }
  absl::StatusOr<SeenChange> subject = LoadChangeFor(ports, *plan.subject.change, plan.requester);
  if (!subject.ok()) return subject.status();
  plan.target = subject->change.plan->target;
  plan.role = subject->change.plan->role;
  return std::optional<SeenChange>(*std::move(subject));
}

absl::StatusOr<SeenChange> PlanOnce(Ports& ports, const PlanOrder& order) {
  const auto id = NewId<core::ChangeId>(ports);
  const ports::Answer answer = AnswerFor(order, id);
  absl::StatusOr<std::optional<core::ChangeId>> earlier =
      FindEarlierAnswer<core::ChangeId>(ports, answer);
  if (!earlier.ok()) return earlier.status();
  if (earlier->has_value()) return LoadChange(ports, **earlier);

  const core::PersonId& person = order.plan.requester;
  absl::StatusOr<PolicyInForce> in_force = ReadPolicy(ports);
  if (!in_force.ok()) return in_force.status();
  // A debt made between this look and the append advances the stream, and the append fails.
  absl::StatusOr<std::int64_t> person_version = ports.journal.VersionOf(PersonStream(person));
  if (!person_version.ok()) return person_version.status();
  absl::StatusOr<std::int64_t> waiting = ports.journal.CountWaitingChanges(person);
  if (!waiting.ok()) return waiting.status();
  absl::StatusOr<std::optional<core::LeaseId>> debt = DebtOf(ports, person);
  if (!debt.ok()) return debt.status();

  change::Plan plan = order.plan;
  absl::StatusOr<std::optional<SeenChange>> subject = Complete(ports, plan);
  if (!subject.ok()) return subject.status();
  change::MakePlan command{.id = id,
                           .plan = std::move(plan),
                           .waiting_now = static_cast<int>(*waiting),
                           .debt = *debt,
                           .subject = std::nullopt};
  if (subject->has_value()) command.subject = (*subject)->change;
  absl::StatusOr<std::vector<change::Event>> events =
      change::Decide(change::Change{}, command, *in_force->policy, ports.time.Now());
  if (!events.ok()) return events.status();
  const Also also{{in_force->expectation,
                   {PersonStream(person), *person_version, ports::Expectation::Then::kKeep}},
                  answer};
  absl::StatusOr<SeenChange> planned = AppendEvents(ports, SeenChange{}, *events, also);
  // Somebody with the same idempotency id was first: look again and answer with theirs.
  if (!planned.ok() && absl::IsAlreadyExists(planned.status())) {
    return absl::AbortedError("answered meanwhile");
  }
  return planned;
}

}  // namespace

absl::StatusOr<SeenChange> PlanChange(Ports& ports, const PlanOrder& order) {
  return Insist([&] { return PlanOnce(ports, order); });
}

}  // namespace jit::use_cases
