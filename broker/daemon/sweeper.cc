#include "broker/daemon/sweeper.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jit::daemon {
namespace {

constexpr absl::Duration kPassEvery = absl::Seconds(1);
constexpr absl::Duration kFullEvery = absl::Minutes(1);
constexpr absl::Duration kMeasureEvery = absl::Seconds(5);
constexpr absl::Duration kRepeatAlarm = absl::Minutes(1);

// Whether `period` has gone since `last`. A clock that was set back counts as gone: doing it once
// too often is harmless, waiting for the clock to come back is not.
bool IsOver(absl::Time now, absl::Time last, absl::Duration period) {
  return now < last || now - last >= period;
}

}  // namespace

class Sweeper::Hush {
 public:
  // Whether to speak of `alarm` at `now`. Digits do not make an alarm a new one: ages grow.
  bool Speak(const std::string& alarm, absl::Time now) {
    std::string kind;
    std::copy_if(alarm.begin(), alarm.end(), std::back_inserter(kind),
                 [](char c) { return c < '0' || c > '9'; });
    // What has been silent for long is forgotten, so that this stays small.
    std::erase_if(last_,
                  [now](const auto& entry) { return now - entry.second > 2 * kRepeatAlarm; });
    const auto [entry, fresh] = last_.try_emplace(std::move(kind), now);
    if (!fresh && !IsOver(now, entry->second, kRepeatAlarm)) return false;
    entry->second = now;
    return true;
  }

 private:
  std::map<std::string, absl::Time> last_;
};

struct Sweeper::Lane {
  explicit Lane(ports::Target& its) : target(its) {}
  ports::Target& target;
  // The lane's thread only.
  use_cases::SweepMemory memory;
  Hush hush;
  bool compare_all = true;
  absl::Time last_full = absl::InfinitePast();
  absl::Time last_measure = absl::InfinitePast();
  absl::Time next;
  // Under the sweeper's mutex.
  bool awake = false;
  TargetView view;
  std::thread thread;
};

Sweeper::Sweeper(use_cases::Ports& ports, Log& log, absl::Duration checkpoint_every)
    : ports_(ports), log_(log), checkpoint_every_(checkpoint_every) {
  for (const auto& [name, target] : ports_.targets) {
    lanes_.push_back(std::make_unique<Lane>(*target));
  }
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    lane->thread = std::thread([this, &lane = *lane] { SweepLane(lane); });
  }
  waiting_ = std::thread([this] { TendWaiting(); });
}

Sweeper::~Sweeper() {
  {
    const sync::Lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    lane->thread.join();
  }
  waiting_.join();
}

void Sweeper::Wake(const core::TargetName& target) {
  {
    const sync::Lock lock(mutex_);
    for (const std::unique_ptr<Lane>& lane : lanes_) {
      lane->awake = lane->awake || lane->target.name() == target;
    }
  }
  wake_.notify_all();
}

std::string Sweeper::JournalFault() const {
  const sync::Lock lock(mutex_);
  return journal_fault_;
}

std::optional<TargetView> Sweeper::ViewOf(const core::TargetName& target) const {
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    if (lane->target.name() == target) {
      const sync::Lock lock(mutex_);
      return lane->view;
    }
  }
  return std::nullopt;
}

bool Sweeper::SleepUntil(absl::Time next, bool& awake) {
  const absl::Duration wait =
      std::clamp(next - ports_.time.Now(), absl::ZeroDuration(), kPassEvery);
  const sync::Lock lock(mutex_);
  wake_.wait_for(mutex_, absl::ToChronoNanoseconds(wait),
                 [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ending_ || awake; });
  awake = false;
  return !ending_;
}

void Sweeper::SweepLane(Lane& lane) {
  do {
    SweepOnce(lane);
  } while (SleepUntil(lane.next, lane.awake));
}

void Sweeper::SweepOnce(Lane& lane) {
  const absl::Time now = ports_.time.Now();
  const bool was_lost = !lane.memory.last_fault.empty();
  const bool full = lane.compare_all || IsOver(now, lane.last_full, kFullEvery);
  const use_cases::SweepReport report = use_cases::SweepTarget(
      ports_, lane.target, full ? use_cases::Depth::kFull : use_cases::Depth::kDue, lane.memory);
  lane.next = report.next;
  std::string fault = lane.memory.last_fault;
  // A pass with nothing owed does not touch the target: ask it now and then, so that a loss is
  // noticed before it matters.
  if (fault.empty() && IsOver(now, lane.last_measure, kMeasureEvery)) {
    lane.last_measure = now;
    if (const absl::StatusOr<ports::Vitals> vitals = lane.target.Measure(); !vitals.ok()) {
      fault = std::string(vitals.status().message());
      lane.memory.last_fault = fault;
    } else {
      lane.memory.clock_skew = vitals->clock_skew;
    }
  }
  const std::string& name = lane.target.name().text();
  if (full && fault.empty()) {
    lane.last_full = now;
    lane.compare_all = false;
  }
  if (!fault.empty()) {
    lane.compare_all = true;
    if (lane.hush.Speak(fault, now)) {
      log_.Error("the target cannot be swept", {{"target", name}, {"fault", fault}});
    }
  } else if (was_lost) {
    log_.Info("the target is back", {{"target", name}});
    // Patience was for a target that was away.
    for (auto& [login, trouble] : lane.memory.troubles) {
      trouble.next_try = now;
    }
    lane.next = now;
  }
  for (const std::string& alarm : report.alarms) {
    if (lane.hush.Speak(alarm, now)) {
      log_.Warning(alarm, {{"target", name}});
    }
  }
  if (report.expired + report.turned_off + report.removed + report.resolved_openings +
          report.strays >
      0) {
    log_.Info("swept", {{"target", name},
                        {"expired", absl::StrCat(report.expired)},
                        {"off", absl::StrCat(report.turned_off)},
                        {"removed", absl::StrCat(report.removed)},
                        {"resolved", absl::StrCat(report.resolved_openings)},
                        {"strays", absl::StrCat(report.strays)}});
  }
  const sync::Lock lock(mutex_);
  lane.view = {.reachable = fault.empty(),
               .detail = fault,
               .last_sweep = now,
               .clock_skew = lane.memory.clock_skew};
}

void Sweeper::TendWaiting() {
  bool never = false;
  Hush hush;
  std::int64_t checkpointed = -1;
  std::string checkpoint_fault;  // of the last attempt
  absl::Time last_checkpoint = ports_.time.Now();
  do {
    const absl::Time now = ports_.time.Now();
    std::string fault;
    const absl::StatusOr<int> lapsed = use_cases::LapseWaiting(ports_);
    if (!lapsed.ok()) {
      fault = absl::StrCat("what waited too long could not be lapsed: ", lapsed.status().message());
    } else if (*lapsed > 0) {
      log_.Info("lapsed", {{"leases", absl::StrCat(*lapsed)}});
    }
    const std::int64_t size = ports_.journal.Size();
    if (size > 0 && size != checkpointed && IsOver(now, last_checkpoint, checkpoint_every_)) {
      last_checkpoint = now;
      const absl::StatusOr<ledger::SignedCheckpoint> made = ports_.journal.Checkpoint();
      if (made.ok()) {
        checkpoint_fault.clear();
        checkpointed = static_cast<std::int64_t>(made->body.size);
        log_.Debug("checkpoint", {{"size", absl::StrCat(made->body.size)}});
      } else {
        checkpoint_fault = absl::StrCat("no checkpoint could be made: ", made.status().message());
      }
    }
    if (fault.empty()) fault = checkpoint_fault;
    if (!fault.empty() && hush.Speak(fault, now)) {
      log_.Error("the journal does not take what it should", {{"fault", fault}});
    }
    const sync::Lock lock(mutex_);
    journal_fault_ = fault;
  } while (SleepUntil(ports_.time.Now() + kPassEvery, never));
}

}  // namespace jit::daemon
