// The fake keeps the contract.
#include "tests/contract/bench_contract.h"
#include "tests/testing/memory_bench.h"
#include "tests/testing/simulated_clock.h"

namespace jit::testing {
namespace {

class MemoryBenchWorld : public BenchWorld {
 public:
  MemoryBenchWorld() {
    for (const char* id : {"1", "2", "3"}) bench_.Put("shop.orders", id, "new");
    bench_.Say(kPayOne, {.edits = {{"shop.orders", "1", "paid"}}});
    bench_.Say(kVoidAll, {.edits = {{"shop.orders", "1", "void"},
                                    {"shop.orders", "2", "void"},
                                    {"shop.orders", "3", "void"}}});
    bench_.Say(kAddFour, {.edits = {{"shop.orders", "4", "new"}}});
    bench_.Say(kRemoveThree, {.edits = {{"shop.orders", "3", std::nullopt}}});
    bench_.Say(kBroken, {.fails = absl::InvalidArgumentError("there is no such column")});
  }
  ports::Bench& bench() override { return bench_; }
  ports::Target& target() override { return target_; }
  absl::Time Now() override { return clock_.Now().wall; }
  std::map<std::string, std::string> Orders() override { return bench_.tables().at("shop.orders"); }
  void Pay(const std::string& id) override { bench_.Put("shop.orders", id, "paid"); }

 private:
  SimulatedClock clock_;
  MemoryTarget target_{*core::TargetName::Parse("shop"), clock_};
  MemoryBench bench_{target_, clock_};
};

std::unique_ptr<BenchWorld> MakeMemoryBenchWorld() {
  return std::make_unique<MemoryBenchWorld>();
}

INSTANTIATE_TEST_SUITE_P(Memory, BenchContract, ::testing::Values(&MakeMemoryBenchWorld));

}  // namespace
}  // namespace jit::testing
