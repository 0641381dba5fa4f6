#include "broker/daemon/runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "broker/core/change/lifecycle.h"
#include "tests/use_cases/change_stage.h"

namespace jit::daemon {
namespace {

// A bench on which a run lasts until it is cancelled or let go.
class SlowBench : public testing::MemoryBench {
 public:
  using MemoryBench::MemoryBench;
  absl::StatusOr<ports::RunOutcome> Run(const ports::RunOrder& order,
                                        ports::RunWatcher& watcher) override {
    watcher.Progress({.statement = 1, .statements = 2, .rows = 7});
    while (slow && !watcher.Cancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return MemoryBench::Run(order, watcher);
  }
  std::atomic<bool> slow = true;
};

// For runs that are in several threads at once.
class LockedEntropy : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    const std::lock_guard lock(mutex_);
    seeded_.Fill(bytes);
  }

 private:
  std::mutex mutex_;
  testing::SeededEntropy seeded_{7};
};

struct Scene : use_cases::ChangeStage {
  Scene() {
    slow_bench.Put("shop.orders", "1", "new");
    slow_bench.Say("fix one", {.edits = {{"shop.orders", "1", "paid"}}});
  }
  core::ChangeId Planned() {
    const auto planned = use_cases::PlanChange(threaded, Script("alice", "fix one"));
    EXPECT_TRUE(planned.ok()) << planned.status();
    return *planned->change.id;
  }
  // Whether `holds` comes true while the runner goes on with its work.
  static bool Comes(const std::function<bool()>& holds) {
    for (int i = 0; i < 2000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  static bool IsOnTheBench(const Runner& runner, const core::ChangeId& change) {
    const std::optional<RunState> state = runner.StateOf(change);
    return state.has_value() && state->progress.rows == 7;
  }

  SlowBench slow_bench{prod, clock};
  LockedEntropy locked_entropy;
  use_cases::Ports threaded{locked_entropy, journal,
                            policy,         {{use_cases::Prod(), &prod}},
                            time,           {{use_cases::Prod(), &slow_bench}},
                            &reader};
  Log log{LogFormat::kJson, LogLevel::kError};
};

TEST(Runner, RehearsesWhatItIsHandedAndSaysWhenItIsOver) {
  Scene scene;
  scene.slow_bench.slow = false;
  const core::ChangeId change = scene.Planned();
  std::atomic<int> over = 0;
  Runner runner(scene.threaded, scene.log, [&](const core::TargetName&) { ++over; });
  runner.Run(use_cases::Prod(), change);
  ASSERT_TRUE(Scene::Comes([&] { return over == 1; }));
  EXPECT_EQ(scene.ChangeOf(change).state, change::State::kRehearsed) << scene.ChangeOf(change).why;
  EXPECT_FALSE(runner.StateOf(change).has_value());
}

TEST(Runner, TellsHowFarARunIsAndCancelsIt) {
  Scene scene;
  const core::ChangeId change = scene.Planned();
  Runner runner(scene.threaded, scene.log, [](const core::TargetName&) {});
  runner.Run(use_cases::Prod(), change);
  ASSERT_TRUE(Scene::Comes([&] { return Scene::IsOnTheBench(runner, change); }));
  EXPECT_EQ(runner.StateOf(change)->phase, RunState::Phase::kRehearsal);
  runner.Cancel(change);
  ASSERT_TRUE(Scene::Comes([&] { return !runner.StateOf(change).has_value(); }));
  EXPECT_EQ(scene.ChangeOf(change).state, change::State::kFailed);
}

TEST(Runner, TakesAChangeOnceAndNoMoreThanMayWait) {
  Scene scene;
  const std::vector<core::ChangeId> busy = {scene.Planned(), scene.Planned()};
  Runner runner(scene.threaded, scene.log, [](const core::TargetName&) {});
  for (const core::ChangeId& change : busy) {
    runner.Run(use_cases::Prod(), change);
    ASSERT_TRUE(Scene::Comes([&] { return Scene::IsOnTheBench(runner, change); }));
  }
  int taken = 0;
  while (runner.Room(use_cases::Prod()).ok() && taken < 100) {
    core::ChangeId::Bytes bytes{};
    bytes[0] = static_cast<std::uint8_t>(++taken);
    const core::ChangeId change = core::ChangeId::FromBytes(bytes);
    runner.Run(use_cases::Prod(), change);
    runner.Run(use_cases::Prod(), change);
    EXPECT_EQ(runner.StateOf(change)->phase, RunState::Phase::kWaiting);
  }
  EXPECT_EQ(taken, 20);
}

TEST(Runner, StopsWhatRuns) {
  Scene scene;
  const core::ChangeId change = scene.Planned();
  Runner runner(scene.threaded, scene.log, [](const core::TargetName&) {});
  runner.Run(use_cases::Prod(), change);
  ASSERT_TRUE(Scene::Comes([&] { return Scene::IsOnTheBench(runner, change); }));
  runner.Stop();
  EXPECT_FALSE(runner.Room(use_cases::Prod()).ok());
  EXPECT_EQ(scene.ChangeOf(change).state, change::State::kFailed);
}

}  // namespace
}  // namespace jit::daemon
