// The whole broker in one thread: its use cases and its sweep, over fakes that meet troubles,
// driven by people who do what people do, from one seed.
//
// Promises: the same seed gives the same run. After every step the invariants of invariants.h are
// checked against what is durable: the journal and the targets. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/use_cases/ask.h"
#include "broker/use_cases/plan_change.h"
#include "broker/use_cases/ports.h"
#include "broker/use_cases/review.h"
#include "broker/use_cases/sweep.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/troubles.h"
#include "tests/testing/cast.h"
#include "tests/testing/memory_bench.h"
#include "tests/testing/memory_journal.h"
#include "tests/testing/memory_target.h"
#include "tests/testing/seeded_entropy.h"
#include "tests/testing/simulated_clock.h"

namespace jit::simulation {

class Simulator {
 public:
  explicit Simulator(std::uint64_t seed);
  ~Simulator();

  // One random thing that a person, the sweep, the clock or an operator does. A crash in it starts
  // the broker anew.
  void Step();
  // Ends the troubles and sweeps until nothing is owed any more.
  void Settle();

  // What invariants.h found wrong; empty: nothing.
  std::string Check();
  std::string CheckSettled();

  // One story with everything in it (ask, approve, open, expire, break-glass, review, accept), for
  // the systematic search: the caller plans one trouble and calls this.
  void PlayStory();

  // The same for changes: planned, rehearsed, approved, applied, undone.
  void PlayStoryOfChanges();

  Troubles& troubles() { return troubles_; }
  int crashes() const { return crashes_; }
  int opened() const { return opened_; }
  int applied() const { return applied_; }  // and told so
  const std::vector<std::string>& log() const { return log_; }

 private:
  struct Process;  // what is lost when the process dies

  void Start();
  // Runs `what` in the broker's process; a crash in it restarts the broker.
  using Deed = std::function<void(use_cases::Ports&)>;
  void InProcess(const std::string& name, const Deed& what);

  void Ask(policy::Path path);
  void AskAs(const char* person, const char* target, const char* role, policy::Path path,
             std::uint64_t key);
  void ReviewSomething();
  void Review(const core::PersonId& by, const core::LeaseId& lease, records::Decision decision);
  void OpenSomething();
  void EndSomething();
  void PlanSomething();
  void PlanScript(const char* person, const char* target, const char* role,
                  const std::string& script);
  void PlanAbout(const core::ChangeId& subject, policy::Purpose purpose);
  void Plan(const use_cases::PlanOrder& order);
  void DecideOnChange(const core::ChangeId& id);
  void TakeBack(const core::ChangeId& id);
  void SubmitChange(const core::ChangeId& id);
  void ReviewChange(const core::PersonId& by, const core::ChangeId& id, lease::Verdict verdict);
  void Apply(const core::ChangeId& id);
  void Tend();
  std::optional<core::ChangeId> AnyChange();
  Durable Everything();
  void ChangeWorld();
  void JumpClock(absl::Duration jump);
  void Sweep(use_cases::Depth depth);
  std::optional<core::LeaseId> AnyLease();
  const core::PersonId& AnyPerson();
  void Note(const std::string& line);

  testing::SeededEntropy chance_;
  testing::SeededEntropy entropy_;
  testing::SimulatedClock clock_;
  testing::SwappablePolicy policy_;
  Troubles troubles_;
  testing::MemoryJournal journal_;
  std::map<core::TargetName, std::unique_ptr<testing::MemoryTarget>> targets_;
  std::unique_ptr<TroubledJournal> troubled_journal_;
  std::map<core::TargetName, std::unique_ptr<TroubledTarget>> troubled_targets_;
  std::map<core::TargetName, std::unique_ptr<testing::MemoryBench>> benches_;
  std::map<core::TargetName, std::unique_ptr<TroubledBench>> troubled_benches_;
  testing::CannedReader reader_;
  std::unique_ptr<Process> process_;
  std::vector<core::LeaseId> leases_;
  std::vector<core::ChangeId> changes_;
  Acknowledged acknowledged_;
  std::vector<std::string> log_;
  absl::Duration skew_;        // the targets' clocks minus ours
  std::int64_t checked_ = -1;  // how many records and commits there were at the last check
  int edition_ = 0;
  int crashes_ = 0;
  int opened_ = 0;
  int applied_ = 0;
  std::uint64_t next_key_ = 1;
};

}  // namespace jit::simulation
