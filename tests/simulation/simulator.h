// The whole broker in one thread: its use cases and its sweep, over fakes that meet troubles,
// driven by people who do what people do, from one seed.
//
// Promises: the same seed gives the same run. After every step the invariants of invariants.h are
// checked against what is durable: the journal and the targets. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/use_cases/ask.h"
#include "broker/use_cases/ports.h"
#include "broker/use_cases/review.h"
#include "broker/use_cases/sweep.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/troubles.h"
#include "tests/testing/cast.h"
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

  // One story with everything in it (ask, approve, open, expire, break-glass, review), for the
  // systematic search: the caller plans one trouble and calls this.
  void PlayStory();

  Troubles& troubles() { return troubles_; }
  int crashes() const { return crashes_; }
  int opened() const { return opened_; }
  const std::vector<std::string>& log() const { return log_; }

 private:
  struct Process;  // what is lost when the process dies

  void Start();
  // Runs `what` in the broker's process; a crash in it restarts the broker.
  template <class What>
  void InProcess(const std::string& name, What what);

  void Ask(policy::Path path);
  void AskAs(const char* person, const char* target, const char* role, policy::Path path,
             std::uint64_t key);
  void ReviewSomething();
  void Review(const core::PersonId& by, const core::LeaseId& lease, records::Decision decision);
  void OpenSomething();
  void EndSomething();
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
  std::unique_ptr<Process> process_;
  std::vector<core::LeaseId> leases_;
  Acknowledged acknowledged_;
  std::vector<std::string> log_;
  absl::Duration skew_;  // the targets' clocks minus ours
  int edition_ = 0;
  int crashes_ = 0;
  int opened_ = 0;
  std::uint64_t next_key_ = 1;
};

}  // namespace jit::simulation
