#include "broker/daemon/sweeper.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>

#include "tests/testing/cast.h"
#include "tests/testing/memory_journal.h"
#include "tests/testing/memory_target.h"
#include "tests/testing/seeded_entropy.h"

namespace jit::daemon {
namespace {

using testing::MemoryTarget;

// The clock never moves, so that nothing here depends on how fast this machine is; what wakes the
// threads is the second that a pass is apart at most.
class StandingClock : public ports::Clock {
 public:
  ports::Instant Now() override { return {absl::FromUnixSeconds(1'790'000'000), absl::Hours(5)}; }
};

core::TargetName Named(const char* name) {
  return *core::TargetName::Parse(name);
}

ports::LoginOrder Stray(int number) {
  core::LeaseId::Bytes bytes{};
  bytes[0] = static_cast<std::uint8_t>(number);
  return {.login = core::LoginName::Of(core::LeaseId::FromBytes(bytes)),
          .person = *core::PersonId::Parse("engineer"),
          .member_of = {*core::PgGroup::Parse("shop_reader")},
          .connection_limit = 2,
          .valid_until = absl::FromUnixSeconds(1'790'003'600),
          .statement_timeout = absl::Minutes(1),
          .lock_timeout = absl::Seconds(1),
          .idle_in_transaction_timeout = absl::Minutes(1),
          .writes = false};
}

// A broker's outside with two targets. Whoever waits is woken by each call to a target.
struct Outside {
  Outside() {
    for (MemoryTarget* target : {&shop, &store}) {
      target->FailEach([this](MemoryTarget::Verb) {
        const std::lock_guard lock(mutex);
        called.notify_all();
        return MemoryTarget::Trouble::kNone;
      });
    }
  }

  // Whether `holds` comes true while the sweeper goes on with its work.
  bool Comes(const std::function<bool()>& holds) {
    const auto patience = std::chrono::seconds(20);
    std::unique_lock lock(mutex);
    for (auto waited = std::chrono::milliseconds(0); waited < patience;
         waited += std::chrono::milliseconds(100)) {
      lock.unlock();
      if (holds()) {
        return true;
      }
      lock.lock();
      called.wait_for(lock, std::chrono::milliseconds(100));
    }
    return false;
  }

  std::mutex mutex;
  std::condition_variable called;
  StandingClock clock;
  testing::SeededEntropy entropy{1};
  testing::MemoryJournal journal;
  testing::SwappablePolicy policy;
  use_cases::Timekeeper time{clock, absl::InfinitePast()};
  MemoryTarget shop{Named("shop"), clock};
  MemoryTarget store{Named("store"), clock};
  use_cases::Ports ports{
      entropy, journal, policy, {{Named("shop"), &shop}, {Named("store"), &store}}, time};
  Log log{LogFormat::kJson, LogLevel::kError};
};

TEST(Sweeper, ComparesTheWholeTargetAfterAStart) {
  Outside outside;
  const ports::LoginOrder stray = Stray(1);
  outside.shop.PutMarked(stray);
  Sweeper sweeper(outside.ports, outside.log, absl::Minutes(1));
  EXPECT_TRUE(outside.Comes([&] { return !outside.shop.Exists(stray.login); }));
}

TEST(Sweeper, OneTargetThatHangsDelaysNoOther) {
  Outside outside;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  outside.shop.FailEach([released](MemoryTarget::Verb) {
    released.wait();
    return MemoryTarget::Trouble::kNone;
  });
  const ports::LoginOrder stray = Stray(2);
  outside.store.PutMarked(stray);
  {
    Sweeper sweeper(outside.ports, outside.log, absl::Minutes(1));
    EXPECT_TRUE(outside.Comes([&] { return !outside.store.Exists(stray.login); }));
    release.set_value();
  }
}

TEST(Sweeper, ATargetThatWasLostIsComparedAgainWhenItIsBack) {
  Outside outside;
  outside.shop.Set(MemoryTarget::Reach::kDown);
  Sweeper sweeper(outside.ports, outside.log, absl::Minutes(1));
  ASSERT_TRUE(outside.Comes([&] { return !sweeper.ViewOf(Named("shop"))->detail.empty(); }));
  EXPECT_FALSE(sweeper.ViewOf(Named("shop"))->reachable);
  EXPECT_TRUE(outside.Comes([&] { return sweeper.ViewOf(Named("store"))->reachable; }));
  const ports::LoginOrder stray = Stray(4);
  outside.shop.PutMarked(stray);
  outside.shop.Set(MemoryTarget::Reach::kUp);
  EXPECT_TRUE(outside.Comes([&] { return !outside.shop.Exists(stray.login); }))
      << "a target that was lost is compared as a whole when it is back";
}

TEST(Sweeper, KnowsNothingOfATargetThatIsNotOurs) {
  Outside outside;
  Sweeper sweeper(outside.ports, outside.log, absl::Minutes(1));
  EXPECT_FALSE(sweeper.ViewOf(Named("warehouse")).has_value());
  sweeper.Wake(Named("warehouse"));
}

TEST(Sweeper, SignsTheJournalsHeadWhenItHasGrown) {
  Outside outside;
  ASSERT_TRUE(outside.journal
                  .Commit({.stream = "broker/test",
                           .expected_version = 0,
                           .time = absl::FromUnixSeconds(1'790'000'000),
                           .records = {{"test.happened.v1", "{}"}},
                           .expectations = {},
                           .summary = std::nullopt,
                           .answer = std::nullopt})
                  .ok());
  Sweeper sweeper(outside.ports, outside.log, absl::ZeroDuration());
  EXPECT_TRUE(outside.Comes([&] {
    const auto last = outside.journal.LastCheckpoint();
    return last.ok() && last->has_value() && (*last)->body.size == 1;
  }));
}

}  // namespace
}  // namespace jit::daemon
