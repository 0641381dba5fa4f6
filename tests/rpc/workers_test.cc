#include "broker/rpc/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/testing/status_matchers.h"

namespace jit::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(Workers, DoEachPieceOfWorkOnce) {
  std::atomic<int> done = 0;
  std::promise<void> all;
  Workers workers(4, 1000);
  for (int i = 0; i < 500; ++i) {
    ASSERT_THAT(workers.Submit([&] {
      if (++done == 500) {
        all.set_value();
      }
    }),
                IsOk());
  }
  all.get_future().wait();
  workers.Stop();
  EXPECT_EQ(done, 500);
}

TEST(Workers, SayThatTheyAreBusyWhenTooMuchWaits) {
  std::promise<void> gate;
  std::promise<void> begun;
  std::shared_future<void> opened = gate.get_future().share();
  Workers workers(1, 2);
  ASSERT_THAT(workers.Submit([&] {
    begun.set_value();
    opened.wait();
  }),
              IsOk());
  begun.get_future().wait();
  EXPECT_THAT(workers.Submit([] {}), IsOk());
  EXPECT_THAT(workers.Submit([] {}), IsOk());
  EXPECT_THAT(workers.Submit([] {}), StatusIs(absl::StatusCode::kUnavailable));
  gate.set_value();
}

TEST(Workers, FinishWhatHasBegunAndForgetTheRestWhenTheyStop) {
  std::promise<void> gate;
  std::promise<void> begun;
  bool finished = false;
  bool forgotten = true;
  {
    Workers workers(1, 10);
    ASSERT_THAT(workers.Submit([&] {
      begun.set_value();
      gate.get_future().wait();
      finished = true;
    }),
                IsOk());
    begun.get_future().wait();
    ASSERT_THAT(workers.Submit([&] { forgotten = false; }), IsOk());
    std::thread stopping([&] { workers.Stop(); });
    while (workers.Submit([] {}).message() != "the broker is stopping") {
      std::this_thread::yield();
    }
    gate.set_value();
    stopping.join();
    EXPECT_THAT(workers.Submit([] {}), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_TRUE(finished);
  EXPECT_TRUE(forgotten);
}

}  // namespace
}  // namespace jit::rpc
