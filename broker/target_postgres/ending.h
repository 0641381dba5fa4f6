// Off: no login, no privilege, no session, for many logins at once.
//
// Promises: memberships go first, for all; the login is barred while its sessions are ended, so
// that no lock a holder keeps can stop it; connections that were half-started when it was barred
// are waited for, and ended when they take too long; off is said only after two empty looks. A
// hostile login uses up its own time and nobody else's. One thread, two connections.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/ports/clock.h"
#include "broker/ports/target.h"
#include "broker/pq/connection.h"
#include "broker/target_postgres/lending.h"

namespace jit::target_postgres {

class Ending {
 public:
  // All outlive it. Both connections lead to the kit: `barring` waits for locks, `ending` does not.
  Ending(pq::Connection& barring, pq::Connection& ending, ports::Clock& clock, DialDatabase dial);

  // One outcome per login, in the order given. An error means that the target failed us half-way:
  // nothing is known, and a repeat goes on where this ended.
  absl::StatusOr<std::vector<ports::OffOutcome>> Run(const std::vector<core::LoginName>& logins);

 private:
  // Connections that were half-started when the logins of a cohort were barred. Only they can still
  // become sessions of those logins; whoever comes later is refused.
  struct Cohort {
    std::set<std::string> half_started;
    absl::Duration since;
  };
  struct Patient {
    enum class Stage { kOpen, kBarred, kOff, kGivenUp } stage = Stage::kOpen;
    std::optional<std::size_t> cohort;          // once barred and looked at
    std::optional<absl::Duration> empty_since;  // the first of two empty looks
    absl::Duration prepared_tried = -absl::InfiniteDuration();
    int prepared = 0;
    int prepared_failures = 0;
    int barrings_tried = 0;
    int sessions_ended = 0;
    int prepared_ended = 0;
    std::string trouble;
    ports::OffOutcome outcome;
  };

  absl::Status TakeMemberships(const std::vector<core::LoginName>& logins);
  absl::Status Bar(absl::Duration now);
  absl::Status CollectBarred();
  absl::Status Look();
  void Judge(Patient& patient, int sessions, absl::Duration now);
  void EndOnePrepared(absl::Duration now);
  bool IsOver(absl::Duration now) const;
  void Pause();
  void Conclude(Patient& patient);
  absl::Duration Now() { return clock_.Now().since_boot; }

  pq::Connection& barring_;
  pq::Connection& ending_;
  ports::Clock& clock_;
  DialDatabase dial_;
  std::map<std::string, Patient> patients_;  // those with work left to do, by login
  std::vector<Cohort> cohorts_;
  std::vector<std::string> being_barred_;  // what barring_ works on
  bool first_round_ = true;
  bool saw_sessions_ = false;
  absl::Duration start_;
  int half_started_ended_ = 0;
};

}  // namespace jit::target_postgres
