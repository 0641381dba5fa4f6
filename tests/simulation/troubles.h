// What can go wrong with an outside call, and the ports that it goes wrong with.
//
// Promises: the same seed gives the same troubles. A call can fail before it took effect, fail
// after it did (the answer was lost), or be the last thing the process does, on either side of the
// effect. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "broker/ports/bench.h"
#include "broker/ports/journal.h"
#include "broker/ports/target.h"
#include "tests/testing/memory_bench.h"
#include "tests/testing/seeded_entropy.h"

namespace jit::simulation {

// Thrown by a port in place of the death of the process. Only tests throw.
struct Crash {};

enum class Fate { kFine, kFailBefore, kFailAfter, kCrashBefore, kCrashAfter };

class Troubles {
 public:
  explicit Troubles(std::uint64_t seed) : chance_(seed) {}

  // Random troubles from here on: one call in `fail` fails, one in `crash` ends the process; zero
  // means never.
  void Random(std::uint64_t fail, std::uint64_t crash) {
    fail_ = fail;
    crash_ = crash;
  }
  // Exactly one trouble: `fate` at the n-th call from now, counted from 1.
  void Once(std::int64_t n, Fate fate) {
    planned_ = n;
    planned_fate_ = fate;
  }
  void Calm() {
    fail_ = crash_ = 0;
    planned_ = 0;
  }
  bool planned_is_past() const { return planned_ <= 0; }

  Fate Next();
  const std::map<Fate, std::int64_t>& met() const { return met_; }

 private:
  testing::SeededEntropy chance_;
  std::uint64_t fail_ = 0;
  std::uint64_t crash_ = 0;
  std::int64_t planned_ = 0;
  Fate planned_fate_ = Fate::kFine;
  std::map<Fate, std::int64_t> met_;
};

// Runs one outside call under the fate that is due. `failed` is what a failing call answers.
template <class Call>
auto Suffer(Troubles& troubles, absl::Status failed, Call call) -> decltype(call()) {
  const Fate fate = troubles.Next();
  if (fate == Fate::kFailBefore) return failed;
  if (fate == Fate::kCrashBefore) throw Crash{};
  auto answer = call();
  if (fate == Fate::kFailAfter) return failed;
  if (fate == Fate::kCrashAfter) throw Crash{};
  return answer;
}

// A journal whose calls meet troubles. A commit that failed before its effect is an ordinary fault;
// one whose answer was lost is a fault with an unknown outcome.
class TroubledJournal : public ports::Journal {
 public:
  TroubledJournal(ports::Journal& real, Troubles& troubles) : real_(real), troubles_(troubles) {}

  absl::StatusOr<std::int64_t> Commit(const ports::Append& append) override;
  absl::StatusOr<std::vector<ledger::Record>> Load(const std::string& stream) override;
  absl::StatusOr<std::int64_t> VersionOf(const std::string& stream) override;
  absl::StatusOr<std::optional<ports::Answer>> FindAnswer(const std::string& key) override;
  absl::StatusOr<std::optional<ports::LeaseSummary>> Summary(const core::LeaseId& id) override;
  absl::StatusOr<std::vector<ports::LeaseSummary>> Summaries(
      const ports::SummaryFilter& filter) override;
  absl::StatusOr<std::int64_t> CountWaiting(const core::PersonId& person) override;
  absl::StatusOr<std::optional<ports::ChangeSummary>> SummaryOfChange(
      const core::ChangeId& id) override;
  absl::StatusOr<std::vector<ports::ChangeSummary>> ChangeSummaries(
      const ports::ChangeFilter& filter) override;
  absl::StatusOr<std::int64_t> CountWaitingChanges(const core::PersonId& person) override;
  absl::StatusOr<ledger::SignedCheckpoint> Checkpoint() override { return real_.Checkpoint(); }
  absl::StatusOr<std::optional<ledger::SignedCheckpoint>> LastCheckpoint() override {
    return real_.LastCheckpoint();
  }
  absl::Status Export(std::int64_t from,
                      const std::function<absl::Status(const ledger::Record&)>& each) override {
    return real_.Export(from, each);
  }
  std::int64_t Size() override { return real_.Size(); }

 private:
  ports::Journal& real_;
  Troubles& troubles_;
};

class TroubledTarget : public ports::Target {
 public:
  TroubledTarget(ports::Target& real, Troubles& troubles) : real_(real), troubles_(troubles) {}

  const core::TargetName& name() const override { return real_.name(); }
  ports::Address address() const override { return real_.address(); }
  absl::StatusOr<ports::Vitals> Measure() override;
  absl::Status OpenLogin(const ports::LoginOrder& order,
                         const credential::ScramVerifier& verifier) override;
  absl::StatusOr<std::vector<ports::OffOutcome>> TurnOff(
      const std::vector<core::LoginName>& logins) override;
  absl::StatusOr<std::vector<ports::RemoveOutcome>> Remove(
      const std::vector<core::LoginName>& logins) override;
  absl::Status Tidy() override;
  absl::StatusOr<ports::TargetState> Inspect() override;

 private:
  ports::Target& real_;
  Troubles& troubles_;
};

// A run whose answer is lost is committed by then, or (every other time) only once the server gets
// on with it.
class TroubledBench : public ports::Bench {
 public:
  TroubledBench(testing::MemoryBench& real, Troubles& troubles)
      : real_(real), troubles_(troubles) {}

  absl::Status Prepare(const ports::Preparation& preparation) override;
  absl::StatusOr<ports::RunOutcome> Run(const ports::RunOrder& order,
                                        ports::RunWatcher& watcher) override;
  absl::StatusOr<ports::ExecutionState> Look(const core::ChangeId& change) override;
  absl::StatusOr<std::string> SchemaFingerprint() override;
  absl::StatusOr<std::vector<ports::RowChange>> RowChanges(const core::LoginName& login,
                                                           std::int64_t after, int limit) override {
    return real_.RowChanges(login, after, limit);
  }
  absl::StatusOr<std::vector<change::Sample>> RowsOf(const core::LoginName& login,
                                                     std::int64_t sequence, int limit,
                                                     const std::set<std::string>& masked) override {
    return real_.RowsOf(login, sequence, limit, masked);
  }
  absl::StatusOr<std::vector<ports::Kept>> KeptBy(const core::ChangeId& change) override {
    return real_.KeptBy(change);
  }
  absl::StatusOr<std::int64_t> ForgetImages(absl::Time before) override;

 private:
  testing::MemoryBench& real_;
  Troubles& troubles_;
  int lost_ = 0;
};

}  // namespace jit::simulation
