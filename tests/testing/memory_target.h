// A target in memory that keeps ports/target.h, with troubles a test can order.
//
// Promises: passes the same contract suite as the real one (tests/contract/target_contract.h). What
// a holder would see from inside is asked with CanLogIn() and SessionsOf(). Calls are counted over
// all verbs, so that a simulation can fail the n-th call for every n. Safe from any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/ports/clock.h"
#include "broker/ports/target.h"

namespace jit::testing {

class MemoryTarget : public ports::Target {
 public:
  enum class Verb { kMeasure, kOpenLogin, kTurnOff, kRemove, kTidy, kInspect };

  // What goes wrong in one call.
  enum class Trouble {
    kNone,
    kFailsBefore,  // kUnavailable, and nothing happened
    kFailsAfter,   // kUnavailable although it happened: the answer was lost
  };

  // `clock` says what time it is at the target, before any skew. It outlives the target.
  MemoryTarget(core::TargetName name, ports::Clock& clock);

  const core::TargetName& name() const override { return name_; }
  ports::Address address() const override { return {"memory.example", 5432, "shop"}; }
  absl::StatusOr<ports::Vitals> Measure() override;
  absl::Status OpenLogin(const ports::LoginOrder& order,
                         const credential::ScramVerifier& verifier) override;
  absl::StatusOr<std::vector<ports::OffOutcome>> TurnOff(
      const std::vector<core::LoginName>& logins) override;
  absl::StatusOr<std::vector<ports::RemoveOutcome>> Remove(
      const std::vector<core::LoginName>& logins) override;
  absl::Status Tidy() override;
  absl::StatusOr<ports::TargetState> Inspect() override;

  // Troubles. FailCall hits the n-th call from now, counted from 1. FailEach is asked before every
  // call that FailCall leaves alone.
  void FailCall(int n, Trouble trouble);
  void FailEach(std::function<Trouble(Verb)> choose);
  enum class Reach { kUp, kDown };  // down: every call answers kUnavailable and does nothing
  void Set(Reach reach);
  enum class Writable { kYes, kNo };
  void Set(Writable writable);
  void SetClockSkew(absl::Duration skew);
  void SetKitVersion(std::string version);       // "" is a target without the kit
  void BecomeAnotherCluster();                   // the pinned identifier no longer matches
  void RestartServer();                          // server_start moves, sessions end
  void AllowOnly(std::set<std::string> groups);  // until then every group is allowed
  void SetTtlMax(absl::Duration ttl_max);        // the DBA's maximum, a day at first

  // The world behind the broker's back.
  void PutUnmarked(const core::LoginName& login);     // somebody else's role with a name of ours
  void PutMarked(const ports::LoginOrder& order);     // ours, out of a restored backup
  void ChangeVerifier(const core::LoginName& login);  // the holder changed their own password
  // The login stays not-yet off or removed for so many attempts; other logins are not delayed.
  void Resist(const core::LoginName& login, int turn_offs, int removals);
  enum class Owns { kNothing, kRelations };  // relations: removing it needs a review
  void SetOwned(const core::LoginName& login, Owns owns);
  // Somebody changes the schema: an object is as `shape` says from now on; "" drops it.
  void ChangeSchema(const std::string& kind, const std::string& object, const std::string& shape);
  // What is different in the schema cannot be told for so many removals.
  void HideSchema(int removals);

  // What a holder would find. OpenSession fails with kPermissionDenied like a login would.
  bool CanLogIn(const core::LoginName& login) const;
  absl::Status OpenSession(const core::LoginName& login);
  void LeavePrepared(const core::LoginName& login);  // a prepared transaction is left behind
  int SessionsOf(const core::LoginName& login) const;
  bool Exists(const core::LoginName& login) const;
  std::optional<ports::LoginOrder> OrderOf(const core::LoginName& login) const;
  std::string VerifierDigestOf(const core::LoginName& login) const;

  // All that happened, for invariants over a whole run.
  enum class What { kOpened, kReopened, kOff, kRemoved };
  struct Fact {
    absl::Time time;
    core::LoginName login;
    What what;
  };
  std::vector<Fact> history() const;
  int calls() const;
  int tidied() const;  // how often somebody tidied

 private:
  struct Role {
    std::optional<ports::LoginOrder> order;  // nothing: it carries no marker
    std::string verifier_digest;
    bool can_login = true;
    int sessions = 0;
    int prepared = 0;
    bool owns_relations = false;
    int resists_off = 0;
    int resists_removal = 0;
  };

  using Schema = std::map<std::pair<std::string, std::string>, std::string>;  // kind, object: shape

  // The schema when a login that acts as an owner was opened, and what was different afterwards.
  struct Look {
    core::PgGroup owner;
    Schema before;
    std::optional<lease::Residue> residue;
  };

  // What follows is called with mutex_ held.
  Trouble Enter(Verb verb);
  absl::Status CheckReady() const;
  absl::Time Now() const { return clock_.Now().wall + skew_; }
  absl::Status OpenHeld(const ports::LoginOrder& order, const std::string& verifier_digest);
  ports::OffOutcome TurnOffHeld(const core::LoginName& login);
  ports::RemoveOutcome RemoveHeld(const core::LoginName& login);
  lease::Residue CompareHeld(const Schema& before) const;
  void AddResidueHeld(ports::RemoveOutcome& outcome);
  bool CanLogInHeld(const core::LoginName& login) const;

  const core::TargetName name_;
  ports::Clock& clock_;
  mutable std::mutex mutex_;
  // Everything below is guarded by mutex_.
  std::map<core::LoginName, Role> roles_;
  Schema schema_;
  std::map<core::LoginName, Look> looks_;
  int hidden_ = 0;
  std::vector<Fact> history_;
  std::map<int, Trouble> ordered_;  // by number of the call
  std::function<Trouble(Verb)> choose_;
  int calls_ = 0;
  int tidied_ = 0;
  Reach reach_ = Reach::kUp;
  Writable writable_ = Writable::kYes;
  absl::Duration skew_;
  absl::Duration ttl_max_ = absl::Hours(24);
  std::string kit_version_ = "1";
  bool pinned_ = true;
  absl::Time server_start_;
  std::optional<std::set<std::string>> allowed_;
};

}  // namespace jit::testing
