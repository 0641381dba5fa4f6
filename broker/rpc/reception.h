// Where every call is received: who is it, may they come in, who does the work, how is the answer
// worded. The services share one.
//
// Promises: nothing here waits. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/rpc/caller.h"
#include "broker/rpc/hooks.h"
#include "broker/rpc/status.h"
#include "broker/rpc/workers.h"
#include "broker/sync/mutex.h"
#include "broker/use_cases/ports.h"
#include "broker/use_cases/seen_lease.h"

namespace jit::rpc {

// Threads are divided by what they may have to wait for, so that one dead target, or a thousand
// people who wait, delay nobody who wants a lease ended.
enum class Lane {
  kOpening,   // may wait for a target
  kDeciding,  // waits for the journal only
  kLooking,   // looks again and again for somebody who waits
};

struct Method {
  absl::string_view name;  // as in the door table
  Lane lane = Lane::kDeciding;
};

struct Crew {
  int opening = 16;
  int deciding = 8;
  int looking = 2;
  std::size_t waiting_max = 256;  // per lane; looks may wait sixteen times that
  // However long a target takes, the caller is answered after this, with an unknown outcome.
  absl::Duration call_cap = absl::Seconds(30);
  // How often is looked for somebody who waits for news. The first looks come sooner, because much
  // of what is waited for takes a moment only.
  absl::Duration look_every = absl::Milliseconds(100);
  static constexpr int kSoonLooks = 12;
  absl::Duration look_soon_every() const { return look_every / 4; }
  // How many looks fill this time.
  std::int64_t LooksIn(absl::Duration wait) const;
};

class Reception {
 public:
  // `ports` outlives the reception.
  Reception(use_cases::Ports& ports, Hooks hooks, const Crew& crew);

  // Identifies the caller by the certificate and passes them through the door, for this call only.
  absl::StatusOr<Caller> Admit(absl::string_view certificate_pem, absl::string_view method);

  // From now on these are turned away, on connections that are open already too.
  void Deny(DenyList denied);

  Workers& For(Lane lane);

  // Words a status for the caller; a fault goes to the operator's log under a new number.
  WireStatus Word(const absl::Status& status, absl::string_view method, absl::string_view person);

  // The serialized jit.v1.Notices for this caller; empty when there are none.
  std::string NoticesFor(const Caller& caller);

  // Tells the sweeper when this lease owes an outside action.
  void WakeFor(const use_cases::SeenLease& seen);

  use_cases::Ports& ports() { return ports_; }
  const Hooks& hooks() const { return hooks_; }
  const Crew& crew() const { return crew_; }

  // While draining, nobody waits any longer for news.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }
  // Waits for the work that has begun; work that has not is forgotten. After the last call.
  void StopWork();

 private:
  use_cases::Ports& ports_;
  const Hooks hooks_;
  const Crew crew_;
  std::atomic<bool> draining_ = false;
  sync::Mutex mutex_;
  std::shared_ptr<const DenyList> denied_ ABSL_GUARDED_BY(mutex_);  // shared with calls under way
  Workers opening_;
  Workers deciding_;
  Workers looking_;
};

}  // namespace jit::rpc
