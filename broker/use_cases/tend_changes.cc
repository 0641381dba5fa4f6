#include "broker/use_cases/tend_changes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/policy/change_rule.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/run.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

constexpr int kBatch = 10'000;

// Between the append of an intent and the moment a runner says that it has it in hand.
constexpr absl::Duration kRunnerPatience = absl::Seconds(10);
constexpr absl::Duration kAlarmAge = absl::Minutes(2);
constexpr absl::Duration kForgetEvery = absl::Minutes(1);

absl::StatusOr<SeenChange> Tell(Ports& ports, const core::ChangeId& id,
                                const change::Command& command) {
  return Execute(ports, id,
                 [&](const SeenChange&) -> absl::StatusOr<change::Command> { return command; });
}

void Lapse(Ports& ports, TendReport& report) {
  ports::ChangeFilter filter;
  filter.states = {change::State::kRehearsed, change::State::kSubmitted, change::State::kApproved};
  filter.due_by = ports.time.Now();
  filter.limit = kBatch;
  absl::StatusOr<std::vector<ports::ChangeSummary>> rows = ports.journal.ChangeSummaries(filter);
  if (!rows.ok()) {
    report.alarms.push_back(absl::StrCat("the journal cannot be read: ", rows.status().message()));
    return;
  }
  for (const ports::ChangeSummary& row : *rows) {
    const absl::StatusOr<SeenChange> told = Tell(ports, row.id, change::Tick{});
    if (told.ok() && told->change.state == change::State::kLapsed) ++report.lapsed;
  }
}

// Whether a runner may still be about to take it in hand. A clock that was set back must not put
// the look off.
bool IsFresh(Ports& ports, absl::Time began) {
  const absl::Time now = ports.time.Now();
  return began <= now && now - began < kRunnerPatience;
}

absl::Status GiveUpRehearsal(Ports& ports, const change::Change& change) {
  const absl::Status ended = EndRunsOf(ports, change);
  if (!ended.ok()) return ended;
  return Tell(ports, *change.id,
              change::RecordNotRehearsed{"the broker stopped while it was rehearsed; plan it again",
                                         {}})
      .status();
}

// Nobody can run it any more once its login is off; then the target knows.
absl::Status LookForExecution(Ports& ports, const change::Change& change) {
  absl::StatusOr<RunLogin> login = EndRun(ports, change.execution->lease);
  if (!login.ok()) return login.status();
  if (*login == RunLogin::kGoing) return absl::UnavailableError("its login is not off yet");
  absl::StatusOr<ports::Bench*> bench = BenchOf(ports, change.plan->target);
  if (!bench.ok()) return bench.status();
  absl::StatusOr<ports::ExecutionState> found = (*bench)->Look(*change.id);
  if (!found.ok()) return found.status();
  if (*found == ports::ExecutionState::kCommitted) {
    return Tell(ports, *change.id, change::RecordApplied{std::nullopt}).status();
  }
  return Tell(ports, *change.id,
              change::RecordRolledBack{"it was interrupted, and the target shows that nothing of "
                                       "it was committed",
                                       std::nullopt})
      .status();
}

absl::Status Resolve(Ports& ports, const change::Change& change, TendReport& report) {
  const bool planned = change.state == change::State::kPlanned;
  const absl::Time began = planned ? change.plan_time : change.execution->start_time;
  if (IsFresh(ports, began)) return absl::OkStatus();
  const absl::Status resolved =
      planned ? GiveUpRehearsal(ports, change) : LookForExecution(ports, change);
  if (resolved.ok()) {
    ++report.resolved;
    return resolved;
  }
  if (ports.time.Now() - began < kAlarmAge) return absl::OkStatus();
  return resolved;
}

// The change that was undone or dropped hears of it. One that heard it before hears it again
// without harm.
absl::Status MarkSubject(Ports& ports, const change::Change& change, TendReport& report) {
  if (change.plan->subject.change.has_value()) {
    change::Command word = change::MarkUndone{*change.id};
    if (change.plan->purpose == policy::Purpose::kDropForGood) {
      word = change::MarkDropped{*change.id};
    }
    const absl::StatusOr<SeenChange> told = Tell(ports, *change.plan->subject.change, word);
    // A subject that is not applied any more has nothing left to hear.
    if (!told.ok() && !core::ReasonOf(told.status()).has_value()) return told.status();
  }
  const absl::StatusOr<SeenChange> done = Tell(ports, *change.id, change::RecordSubjectMarked{});
  if (!done.ok()) return done.status();
  ++report.marked;
  return absl::OkStatus();
}

void DoOwed(Ports& ports, const std::set<core::ChangeId>& running, TendReport& report) {
  ports::ChangeFilter filter;
  filter.with_effect_only = true;
  filter.limit = kBatch;
  absl::StatusOr<std::vector<ports::ChangeSummary>> rows = ports.journal.ChangeSummaries(filter);
  if (!rows.ok()) return;  // said by Lapse already
  for (const ports::ChangeSummary& row : *rows) {
    if (running.contains(row.id)) continue;
    absl::StatusOr<SeenChange> seen = LoadChange(ports, row.id);
    if (!seen.ok()) continue;
    absl::Status done;
    switch (change::EffectOf(seen->change)) {
      case change::Effect::kNone:
        break;
      case change::Effect::kRehearse:
      case change::Effect::kApply:
        done = Resolve(ports, seen->change, report);
        break;
      case change::Effect::kMarkSubject:
        done = MarkSubject(ports, seen->change, report);
        break;
    }
    if (!done.ok()) {
      report.alarms.push_back(absl::StrCat(row.id.text(), " is ",
                                           change::StateWord(seen->change.state),
                                           " and cannot be settled: ", done.message()));
    }
  }
}

// The longest time that a rule of the target keeps images; of a target without change rules, the
// time that a rule keeps them when it does not say.
absl::Duration ImagesKept(const policy::Policy& policy, const core::TargetName& name) {
  const auto target = policy.targets.find(name);
  absl::Duration longest = absl::ZeroDuration();
  if (target != policy.targets.end()) {
    for (const policy::ChangeRule& rule : target->second.changes) {
      longest = std::max(longest, rule.images_kept);
    }
  }
  if (longest == absl::ZeroDuration()) return absl::Hours(24 * 30);
  return longest;
}

void ForgetImages(Ports& ports, TendMemory& memory) {
  const auto policy = ports.policy.Current();
  const absl::Time now = ports.time.Now();
  for (const auto& [name, bench] : ports.benches) {
    const auto [last, first_time] = memory.images_forgotten.try_emplace(name, now);
    if (!first_time && last->second <= now && now - last->second < kForgetEvery) continue;
    last->second = now;
    // A target that cannot be reached is asked again in a minute; the sweep tells of it.
    (void)bench->ForgetImages(now - ImagesKept(*policy, name));
  }
}

}  // namespace

TendReport TendChanges(Ports& ports, const std::set<core::ChangeId>& running, TendMemory& memory) {
  TendReport report;
  Lapse(ports, report);
  DoOwed(ports, running, report);
  ForgetImages(ports, memory);
  return report;
}

}  // namespace jit::use_cases
