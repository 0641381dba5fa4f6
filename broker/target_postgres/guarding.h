// Puts guards on tables before a login that needs them is opened, on those that come to it later,
// and takes off what nobody needs.
//
// Promises: never waits long for a lock, and never holds more than one; what is locked is tried
// again, the others first. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/ports/clock.h"
#include "broker/ports/target.h"
#include "broker/pq/connection.h"

namespace jit::target_postgres {

struct GuardTable {
  std::int64_t table = 0;  // its oid
  std::string name;
  bool guardable = true;
  std::string why;  // it is not
  bool has_key = true;
};

// What a login may change, and under which ceilings; no number is no ceiling.
struct GuardOrder {
  core::LoginName login;
  std::string purpose;  // interactive, rehearsal, execution
  std::optional<std::int64_t> statement_rows;
  std::optional<std::int64_t> session_rows;
  std::optional<int> share_percent;
  std::int64_t share_floor = 0;
  absl::Time valid_until;
  std::optional<core::ChangeId> change;
  std::vector<std::string> keyless;  // tables without a primary key that it may change all the same
  enum class Stays { kAsItIs, kAlways } stays = Stays::kAsItIs;
};

class Guarding {
 public:
  // Both outlive it.
  Guarding(pq::Connection& connection, ports::Clock& clock)
      : connection_(connection), clock_(clock) {}

  // Every table that members of these groups can change.
  absl::StatusOr<std::vector<GuardTable>> TablesOf(const std::vector<std::string>& groups);
  // Sets the ceilings and guards what can be guarded. kUnavailable when a table stays locked.
  absl::Status Guard(const GuardOrder& order, const std::vector<GuardTable>& tables);
  // Takes off what nobody needs, and guards what holders of open leases can change since. What is
  // locked waits for the next time. kFailedPrecondition when they can change what nobody can guard.
  absl::Status Tidy();

 private:
  absl::Status TakeOff();
  absl::Status PutOnAgain();
  absl::Status Set(const GuardOrder& order, const std::vector<std::int64_t>& tables);
  absl::StatusOr<std::string> Attach(std::int64_t table, GuardOrder::Stays stays);

  pq::Connection& connection_;
  ports::Clock& clock_;
};

// Guards what the holder of a login may change. Refuses with kTargetNotReady when a table cannot be
// guarded, saying what a DBA has to run, or has no primary key and is neither
// allowed by the terms nor named in the order.
absl::Status GuardInteractive(pq::Connection& connection, ports::Clock& clock,
                              const ports::LoginOrder& order);

}  // namespace jit::target_postgres
