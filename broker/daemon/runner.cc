#include "broker/daemon/runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/apply.h"
#include "broker/use_cases/rehearse.h"
#include "broker/use_cases/run_view.h"
#include "broker/use_cases/seen_change.h"
#include "broker/use_cases/tend_changes.h"

namespace jit::daemon {
namespace {

constexpr int kThreadsPerTarget = 2;
constexpr std::size_t kWaitingMax = 20;  // per target
constexpr auto kTendEvery = std::chrono::seconds(3);
constexpr absl::Duration kRepeatAlarm = absl::Minutes(1);

}  // namespace

struct Runner::Lane {
  explicit Lane(core::TargetName its) : target(std::move(its)) {}
  const core::TargetName target;
  std::deque<core::ChangeId> waiting;  // under the runner's mutex
  std::vector<std::thread> threads;
};

class Runner::Watch final : public use_cases::RunView {
 public:
  Watch(Runner& runner, core::ChangeId change) : runner_(runner), change_(std::move(change)) {}

  void Progress(const ports::RunProgress& progress) override {
    const sync::Lock lock(runner_.mutex_);
    RunState& state = runner_.runs_[change_];
    state.progress = progress;
    ++state.tick;
  }

  bool Cancelled() override {
    const sync::Lock lock(runner_.mutex_);
    return runner_.runs_[change_].wish == RunState::Wish::kStop;
  }

  void Enter(RunState::Phase phase) {
    const sync::Lock lock(runner_.mutex_);
    RunState& state = runner_.runs_[change_];
    state.phase = phase;
    ++state.tick;
  }

 private:
  Runner& runner_;
  const core::ChangeId change_;
};

Runner::Runner(use_cases::Ports& ports, Log& log, Over over)
    : ports_(ports), log_(log), over_(std::move(over)) {
  for (const auto& [name, target] : ports_.targets) {
    lanes_.push_back(std::make_unique<Lane>(name));
  }
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    for (int i = 0; i < kThreadsPerTarget; ++i) {
      lane->threads.emplace_back([this, &lane = *lane] { Work(lane); });
    }
  }
  tending_ = std::thread([this] { Tend(); });
}

Runner::~Runner() {
  Stop();
}

Runner::Lane* Runner::LaneOf(const core::TargetName& target) const {
  const auto found =
      std::find_if(lanes_.begin(), lanes_.end(),
                   [&](const std::unique_ptr<Lane>& lane) { return lane->target == target; });
  return found == lanes_.end() ? nullptr : found->get();
}

absl::Status Runner::Room(const core::TargetName& target) const {
  const Lane* lane = LaneOf(target);
  const sync::Lock lock(mutex_);
  if (ending_) {
    return absl::UnavailableError("the broker is stopping");
  }
  // A target that nobody knows is the policy's to refuse.
  if (lane != nullptr && lane->waiting.size() >= kWaitingMax) {
    return absl::UnavailableError("too many changes wait for this target already");
  }
  return absl::OkStatus();
}

void Runner::Run(const core::TargetName& target, const core::ChangeId& change) {
  Lane* lane = LaneOf(target);
  {
    const sync::Lock lock(mutex_);
    if (lane == nullptr || ending_ || runs_.contains(change)) {
      return;
    }
    runs_[change].since = ports_.time.Now();
    lane->waiting.push_back(change);
  }
  changed_.notify_all();
}

void Runner::Cancel(const core::ChangeId& change) {
  const sync::Lock lock(mutex_);
  if (const auto run = runs_.find(change); run != runs_.end()) {
    run->second.wish = RunState::Wish::kStop;
    ++run->second.tick;
  }
}

std::optional<RunState> Runner::StateOf(const core::ChangeId& change) const {
  const sync::Lock lock(mutex_);
  const auto run = runs_.find(change);
  return run == runs_.end() ? std::nullopt : std::optional<RunState>(run->second);
}

void Runner::Work(Lane& lane) {
  for (;;) {
    std::optional<core::ChangeId> change;
    {
      const sync::Lock lock(mutex_);
      changed_.wait(mutex_, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return ending_ || !lane.waiting.empty();
      });
      if (ending_) {
        return;
      }
      change = lane.waiting.front();
      lane.waiting.pop_front();
    }
    RunOne(lane, *change);
    {
      const sync::Lock lock(mutex_);
      runs_.erase(*change);
      tend_now_ = true;
    }
    changed_.notify_all();
    over_(lane.target);
  }
}

void Runner::RunOne(const Lane& lane, const core::ChangeId& change) {
  absl::StatusOr<use_cases::SeenChange> seen = use_cases::LoadChange(ports_, change);
  Watch watch(*this, change);
  if (seen.ok() && seen->change.state == change::State::kPlanned) {
    watch.Enter(RunState::Phase::kRehearsal);
    seen = use_cases::RunRehearsal(ports_, change, watch);
  } else if (seen.ok() && seen->change.state == change::State::kApplying) {
    watch.Enter(RunState::Phase::kExecution);
    seen = use_cases::RunExecution(ports_, change, watch);
  }
  if (seen.ok()) {
    log_.Info("ran a change", {{"change", change.text()},
                               {"target", lane.target.text()},
                               {"state", change::StateWord(seen->change.state)}});
  } else if (!core::ReasonOf(seen.status()).has_value()) {
    log_.Error("a change could not be run", {{"change", change.text()},
                                             {"target", lane.target.text()},
                                             {"fault", std::string(seen.status().message())}});
  }
}

void Runner::Tend() {
  use_cases::TendMemory memory;
  std::map<std::string, absl::Time> spoken;
  for (;;) {
    std::set<core::ChangeId> running;
    {
      const sync::Lock lock(mutex_);
      for (const auto& [change, state] : runs_) {
        running.insert(change);
      }
    }
    const use_cases::TendReport report = use_cases::TendChanges(ports_, running, memory);
    const absl::Time now = ports_.time.Now();
    std::erase_if(spoken, [now](const auto& each) { return now - each.second >= kRepeatAlarm; });
    for (const std::string& alarm : report.alarms) {
      if (spoken.emplace(alarm, now).second) {
        log_.Warning(alarm);
      }
    }
    if (report.lapsed + report.resolved + report.marked > 0) {
      log_.Info("tended changes", {{"lapsed", absl::StrCat(report.lapsed)},
                                   {"resolved", absl::StrCat(report.resolved)},
                                   {"marked", absl::StrCat(report.marked)}});
    }
    const sync::Lock lock(mutex_);
    changed_.wait_for(mutex_, kTendEvery,
                      [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ending_ || tend_now_; });
    tend_now_ = false;
    if (ending_) {
      return;
    }
  }
}

void Runner::BeginStop() {
  {
    const sync::Lock lock(mutex_);
    ending_ = true;
    for (auto& [change, state] : runs_) {
      state.wish = RunState::Wish::kStop;
      ++state.tick;
    }
  }
  changed_.notify_all();
}

void Runner::Stop() {
  BeginStop();
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    for (std::thread& thread : lane->threads) {
      if (thread.joinable()) {
        thread.join();
      }
    }
  }
  if (tending_.joinable()) {
    tending_.join();
  }
}

}  // namespace jit::daemon
