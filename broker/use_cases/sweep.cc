#include "broker/use_cases/sweep.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/use_cases/compare.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

constexpr absl::Duration kComeAgain = absl::Seconds(1);
constexpr absl::Duration kBackOffMin = absl::Milliseconds(200);
constexpr absl::Duration kBackOffMax = absl::Seconds(30);
constexpr absl::Duration kAlarmAge = absl::Seconds(30);
constexpr int kBatch = 10'000;

// So many logins are taken away before it is looked whether a deadline has come meanwhile.
constexpr std::size_t kRemoveAtOnce = 50;
constexpr std::size_t kTurnOffAtOnce = 200;

// An opening is normally under way for some milliseconds. One that a sweep has known for this long
// is looked for, since looking costs the target more than opening does.
constexpr absl::Duration kLookAfter = absl::Seconds(3);

// One that is not found, or not as ordered, counts as failed when it is at least this old.
constexpr absl::Duration kOpeningPatience = absl::Seconds(20);

absl::StatusOr<SeenLease> Tell(Ports& ports, const core::LeaseId& id,
                               const lease::Command& command) {
  return Execute(ports, id,
                 [&](const SeenLease&) -> absl::StatusOr<lease::Command> { return command; });
}

void Remember(SweepMemory& memory, SweepReport& report, const core::LoginName& login,
              const std::string& why, absl::Time now) {
  SweepMemory::Trouble& trouble = memory.troubles[login];
  if (trouble.attempts == 0) trouble.first = now;
  ++trouble.attempts;
  trouble.last = why;
  const int doublings = std::min(trouble.attempts - 1, 16);
  trouble.next_try = now + std::min(kBackOffMax, kBackOffMin * (1 << doublings));
  if (now - trouble.first >= kAlarmAge) {
    report.alarms.push_back(absl::StrCat(login.text(), " has not been taken away for ",
                                         absl::FormatDuration(now - trouble.first), ": ", why));
  }
}

bool MayTry(const SweepMemory& memory, const core::LoginName& login, absl::Time now) {
  const auto trouble = memory.troubles.find(login);
  if (trouble == memory.troubles.end() || trouble->second.next_try <= now) return true;
  // A clock that was set back must not stretch the wait.
  return trouble->second.next_try > now + kBackOffMax;
}

// The open leases of a target that are due by the wall clock; in a full sweep all of them, so that
// those which an earlier process opened are watched on the boot clock too.
absl::StatusOr<std::vector<ports::LeaseSummary>> ReadOpen(Ports& ports,
                                                          const core::TargetName& target,
                                                          Depth depth) {
  ports::SummaryFilter filter;
  filter.target = target;
  filter.states = {lease::State::kOpening, lease::State::kOpen};
  filter.limit = kBatch;
  if (depth == Depth::kDue) filter.due_by = ports.time.Now();
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(filter);
  if (!rows.ok() || depth == Depth::kFull) return rows;
  std::set<core::LeaseId> read;
  for (const ports::LeaseSummary& row : *rows) read.insert(row.id);
  for (const core::LeaseId& id : ports.time.OverdueByBootClock()) {
    if (read.contains(id)) continue;
    absl::StatusOr<std::optional<ports::LeaseSummary>> row = ports.journal.Summary(id);
    if (row.ok() && row->has_value() && (*row)->target == target) rows->push_back(**row);
  }
  return rows;
}

// Writes the intent for everything whose time has come. What the journal refuses to take is closed
// all the same; its outcome is recorded by a later sweep.
std::vector<core::LoginName> ExpireDue(Ports& ports, const core::TargetName& target, Depth depth,
                                       SweepReport& report) {
  std::vector<core::LoginName> unrecorded;
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ReadOpen(ports, target, depth);
  if (!rows.ok()) {
    report.alarms.push_back(absl::StrCat("the journal cannot be read: ", rows.status().message()));
    return unrecorded;
  }
  const absl::Time now = ports.time.Now();
  const std::vector<core::LeaseId> overdue = ports.time.OverdueByBootClock();
  const std::set<core::LeaseId> by_boot(overdue.begin(), overdue.end());
  for (const ports::LeaseSummary& row : *rows) {
    if (row.state != lease::State::kOpening && row.state != lease::State::kOpen) {
      ports.time.Forget(row.id);  // it was ended before its time
      continue;
    }
    const absl::Time expire_time = row.expire_time.value_or(now);
    ports.time.Watch(row.id, expire_time);
    if (expire_time > now && !by_boot.contains(row.id)) continue;
    const absl::StatusOr<SeenLease> told =
        Tell(ports, row.id, lease::Tick{.not_before = expire_time});
    if (!told.ok()) {
      unrecorded.push_back(core::LoginName::Of(row.id));
      report.alarms.push_back(absl::StrCat(
          "the end of ", row.id.text(),
          " could not be recorded; it is taken away all the same: ", told.status().message()));
      continue;
    }
    ports.time.Forget(row.id);
    ++report.expired;
  }
  report.next = std::min(report.next, now + ports.time.UntilNextDeadline());
  return unrecorded;
}

struct Owed {
  std::vector<core::LoginName> turn_off;
  std::vector<core::LoginName> remove;
  std::vector<core::LeaseId> opening;
};

Owed ReadOwed(Ports& ports, const core::TargetName& target, const SweepMemory& memory,
              SweepReport& report) {
  Owed owed;
  ports::SummaryFilter filter;
  filter.target = target;
  filter.with_effect_only = true;
  filter.limit = kBatch;
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(filter);
  if (!rows.ok()) return owed;  // said by ExpireDue already
  const absl::Time now = ports.time.Now();
  for (const ports::LeaseSummary& row : *rows) {
    const core::LoginName login = core::LoginName::Of(row.id);
    if (!MayTry(memory, login, now)) {
      report.next = std::min(report.next, memory.troubles.at(login).next_try);
      continue;
    }
    switch (row.effect) {
      case lease::Effect::kNone:
        break;
      case lease::Effect::kOpenLogin:
        owed.opening.push_back(row.id);
        break;
      case lease::Effect::kTurnOff:
        owed.turn_off.push_back(login);
        break;
      case lease::Effect::kRemove:
        owed.remove.push_back(login);
        break;
    }
  }
  return owed;
}

void TurnOffAll(Ports& ports, ports::Target& target, const std::vector<core::LoginName>& logins,
                SweepMemory& memory, SweepReport& report) {
  if (logins.empty()) return;
  absl::StatusOr<std::vector<ports::OffOutcome>> outcomes = target.TurnOff(logins);
  const absl::Time now = ports.time.Now();
  if (!outcomes.ok()) {
    memory.last_fault = std::string(outcomes.status().message());
    for (const core::LoginName& login : logins) {
      Remember(memory, report, login, memory.last_fault, now);
    }
    return;
  }
  for (const ports::OffOutcome& outcome : *outcomes) {
    if (outcome.state == ports::OffState::kNotYet) {
      Remember(memory, report, outcome.login, outcome.report, now);
      continue;
    }
    memory.troubles.erase(outcome.login);
    const absl::StatusOr<SeenLease> told =
        Tell(ports, outcome.login.lease(), lease::RecordOff{outcome.report});
    if (told.ok() && told->lease.state == lease::State::kOff) ++report.turned_off;
    if (told.ok()) ports.time.Forget(outcome.login.lease());
  }
}

void RemoveAll(Ports& ports, ports::Target& target, const std::vector<core::LoginName>& logins,
               SweepMemory& memory, SweepReport& report) {
  if (logins.empty()) return;
  absl::StatusOr<std::vector<ports::RemoveOutcome>> outcomes = target.Remove(logins);
  const absl::Time now = ports.time.Now();
  if (!outcomes.ok()) {
    memory.last_fault = std::string(outcomes.status().message());
    for (const core::LoginName& login : logins) {
      Remember(memory, report, login, memory.last_fault, now);
    }
    return;
  }
  for (const ports::RemoveOutcome& outcome : *outcomes) {
    if (outcome.state != ports::RemoveState::kRemoved) {
      Remember(memory, report, outcome.login, outcome.report, now);
      continue;
    }
    memory.troubles.erase(outcome.login);
    const absl::StatusOr<SeenLease> told =
        Tell(ports, outcome.login.lease(), lease::RecordRemoved{outcome.report, outcome.residue});
    if (told.ok() && lease::EffectOf(told->lease) == lease::Effect::kNone) ++report.removed;
  }
}

// Closes what is due. Harmless and cheap when nothing is.
void CloseDue(Ports& ports, ports::Target& target, Depth depth, SweepMemory& memory,
              SweepReport& report) {
  std::vector<core::LoginName> turn_off = ExpireDue(ports, target.name(), depth, report);
  const Owed owed = ReadOwed(ports, target.name(), memory, report);
  turn_off.insert(turn_off.end(), owed.turn_off.begin(), owed.turn_off.end());
  TurnOffAll(ports, target, turn_off, memory, report);
}

// Does `act` to a part of the logins at a time. Thousands of them, after a restored backup or a
// long outage, must not keep anybody's deadline waiting. What a target that is away leaves undone
// is for a later sweep.
using ToLogins = std::function<void(const std::vector<core::LoginName>&)>;
void InTurns(const std::vector<core::LoginName>& logins, std::size_t at_once,
             const SweepMemory& memory, const ToLogins& act, const std::function<void()>& between) {
  for (std::size_t from = 0; from < logins.size(); from += at_once) {
    if (from > 0) between();
    if (from > 0 && !memory.last_fault.empty()) return;
    const std::size_t to = std::min(from + at_once, logins.size());
    act(std::vector<core::LoginName>(logins.begin() + static_cast<std::ptrdiff_t>(from),
                                     logins.begin() + static_cast<std::ptrdiff_t>(to)));
  }
}

// Guards of logins that are gone go as well, and tables that are new to those who are there get
// one; what cannot be done now is done by a later sweep.
void Tidy(ports::Target& target, SweepReport& report) {
  if (const absl::Status tidied = target.Tidy(); !tidied.ok()) {
    report.alarms.push_back(
        absl::StrCat("the guards could not be put in order: ", tidied.message()));
  }
}

// Those of the openings that are due for a look: all of them in a full sweep.
std::vector<core::LeaseId> DueForALook(const std::vector<core::LeaseId>& openings, absl::Time now,
                                       Depth depth, SweepMemory& memory, SweepReport& report) {
  std::map<core::LeaseId, absl::Time> known;
  std::vector<core::LeaseId> due;
  for (const core::LeaseId& id : openings) {
    const auto before = memory.openings.find(id);
    const absl::Time first = before == memory.openings.end() ? now : before->second;
    // A clock that was set back must put off neither the look nor the end of the patience.
    known.emplace(id, std::min(first, now));
    if (depth == Depth::kFull || now - first >= kLookAfter || first > now) {
      due.push_back(id);
    } else {
      report.next = std::min(report.next, first + kLookAfter);
    }
  }
  memory.openings = std::move(known);
  return due;
}

// By the clock of the intent, or since this process has known of it where that clock was set back.
bool MayBeOnItsWay(const lease::Lease& lease, const SweepMemory& memory, absl::Time now) {
  const absl::Time begun = lease.expire_time - lease.terms->ttl;
  return now - std::min(begun, memory.openings.at(*lease.id)) < kOpeningPatience;
}

// Openings without an outcome: those from before this process, and those that take too long.
void ResolveOpenings(Ports& ports, const std::vector<core::LeaseId>& openings,
                     const ports::TargetState& target, absl::Time looked, const SweepMemory& memory,
                     SweepReport& report) {
  for (const core::LeaseId& id : openings) {
    absl::StatusOr<SeenLease> seen = LoadLease(ports, id);
    if (!seen.ok() || seen->lease.state != lease::State::kOpening) continue;
    const std::optional<lease::Command> outcome = OutcomeOfOpening(seen->lease, target);
    if (!outcome.has_value()) continue;
    if (MayBeOnItsWay(seen->lease, memory, looked) &&
        !std::holds_alternative<lease::RecordOpened>(*outcome)) {
      continue;
    }
    if (Tell(ports, id, *outcome).ok()) ++report.resolved_openings;
  }
}

}  // namespace

SweepReport SweepTarget(Ports& ports, ports::Target& target, Depth depth, SweepMemory& memory) {
  SweepReport report;
  report.next = ports.time.Now() + kComeAgain;
  memory.last_fault.clear();

  const auto close_due = [&] { CloseDue(ports, target, Depth::kDue, memory, report); };
  const auto turn_off = [&](const std::vector<core::LoginName>& logins) {
    TurnOffAll(ports, target, logins, memory, report);
  };
  const auto remove = [&](const std::vector<core::LoginName>& logins) {
    RemoveAll(ports, target, logins, memory, report);
  };
  CloseDue(ports, target, depth, memory, report);
  const Owed owed = ReadOwed(ports, target.name(), memory, report);
  InTurns(owed.remove, kRemoveAtOnce, memory, remove, close_due);
  if (report.removed > 0 && depth == Depth::kDue) Tidy(target, report);

  const absl::Time looked = ports.time.Now();
  const std::vector<core::LeaseId> openings =
      DueForALook(owed.opening, looked, depth, memory, report);
  if (depth == Depth::kDue && openings.empty()) return report;
  absl::StatusOr<ports::TargetState> state = target.Inspect();
  if (!state.ok()) {
    memory.last_fault = std::string(state.status().message());
    return report;
  }
  memory.clock_skew = state->clock_skew;
  ResolveOpenings(ports, openings, *state, looked, memory, report);
  if (depth == Depth::kDue) return report;

  if (memory.system_identifier != state->system_identifier && !memory.system_identifier.empty()) {
    report.alarms.push_back("the target is another cluster than at the last sweep");
  }
  memory.system_identifier = state->system_identifier;
  memory.server_start = state->server_start;
  memory.last_full_look = looked;
  for (const std::string& role : state->unmarked) {
    report.alarms.push_back(absl::StrCat("the role ", role,
                                         " bears a name of ours but not our mark; it is not "
                                         "touched, and the DBA should look at it"));
  }
  const Comparison comparison = CompareTarget(ports, target.name(), *state, looked, memory);
  for (const auto& [id, why] : comparison.drifted) {
    report.alarms.push_back(absl::StrCat(id.text(), " is closed: ", why));
    (void)Tell(ports, id, lease::CloseForDrift{why});
  }
  for (const core::LeaseId& id : comparison.expired) {
    if (Tell(ports, id, lease::Tick{.not_before = absl::InfiniteFuture()}).ok()) ++report.expired;
  }
  report.alarms.insert(report.alarms.end(), comparison.alarms.begin(), comparison.alarms.end());
  if (!comparison.strays.empty()) {
    report.strays = static_cast<int>(comparison.strays.size());
    InTurns(comparison.strays, kTurnOffAtOnce, memory, turn_off, close_due);
    close_due();
    InTurns(comparison.strays, kRemoveAtOnce, memory, remove, close_due);
  }
  Tidy(target, report);
  if (!comparison.drifted.empty() || !comparison.expired.empty()) report.next = ports.time.Now();
  return report;
}

absl::StatusOr<int> LapseWaiting(Ports& ports) {
  ports::SummaryFilter filter;
  filter.states = {lease::State::kRequested, lease::State::kApproved};
  filter.due_by = ports.time.Now();
  filter.limit = kBatch;
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(filter);
  if (!rows.ok()) return rows.status();
  int lapsed = 0;
  for (const ports::LeaseSummary& row : *rows) {
    absl::StatusOr<SeenLease> told = Tell(ports, row.id, lease::Tick{});
    if (!told.ok()) return told.status();
    if (told->lease.state == lease::State::kLapsed) ++lapsed;
  }
  return lapsed;
}

}  // namespace jit::use_cases
