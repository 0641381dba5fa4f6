// What every ports::Bench keeps, asked through the target that its logins are on.
//
// A driver gives a BenchWorld per test; the suite is instantiated once for the fake and once for a
// real PostgreSQL. A difference between the two is a bug in the fake.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/ports/bench.h"
#include "broker/ports/target.h"
#include "tests/testing/seeded_entropy.h"
#include "tests/testing/status_matchers.h"

namespace jit::testing {

// The statements that every world knows. The table is shop.orders(id, state); rows 1, 2 and 3 are
// `new`, and app_writer may write it.
constexpr char kPayOne[] = "update shop.orders set state = 'paid' where id = 1";
constexpr char kVoidAll[] = "update shop.orders set state = 'void'";
constexpr char kAddFour[] = "insert into shop.orders values (4, 'new')";
constexpr char kRemoveThree[] = "delete from shop.orders where id = 3";
constexpr char kBroken[] = "update shop.orders set colour = 'red'";

class BenchWorld {
 public:
  virtual ~BenchWorld() = default;
  virtual ports::Bench& bench() = 0;
  virtual ports::Target& target() = 0;
  virtual absl::Time Now() = 0;
  virtual std::map<std::string, std::string> Orders() = 0;  // id -> state
  virtual void Pay(const std::string& id) = 0;              // somebody else does
};

using BenchWorldMaker = std::unique_ptr<BenchWorld> (*)();

// Lets everything happen, or what a test wants.
class ContractWatcher : public ports::RunWatcher {
 public:
  void Progress(const ports::RunProgress& progress) override { last = progress; }
  bool Cancelled() override { return cancelled; }
  absl::Status MayCommit(const change::Report& report, const std::string& fingerprint) override {
    ++asked;
    seen = report;
    schema_fingerprint = fingerprint;
    return answer;
  }
  ports::RunProgress last;
  bool cancelled = false;
  absl::Status answer;
  int asked = 0;
  change::Report seen;
  std::string schema_fingerprint;
};

class BenchContract : public ::testing::TestWithParam<BenchWorldMaker> {
 protected:
  void SetUp() override {
    world_ = GetParam()();
    ASSERT_NE(world_, nullptr) << "the world could not be made";
  }

  template <class Id>
  Id New() {
    typename Id::Bytes bytes;
    entropy_.Fill(bytes);
    return Id::FromBytes(bytes);
  }

  // A login that was prepared and opened for one run.
  ports::RunOrder Admit(const core::ChangeId& change, ports::RunEnd end,
                        std::optional<core::LoginName> undo_of = std::nullopt);
  ports::RunOutcome Run(const ports::RunOrder& order);
  // The whole way of one script; the login that ran it.
  core::LoginName Apply(const core::ChangeId& change, const std::vector<std::string>& script);
  static ports::RunOrder With(ports::RunOrder order, const std::vector<std::string>& script);

  ports::Bench& bench() { return world_->bench(); }

  std::unique_ptr<BenchWorld> world_;
  ContractWatcher watcher_;
  SeededEntropy entropy_{20261121};
};

}  // namespace jit::testing
