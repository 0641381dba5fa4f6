// What only the login itself may finish: its prepared transactions, and what it owns where there is
// no kit. The kit lends the login to the broker for that, once it belongs to no group any more.
//
// Promises: nothing is run under a login but ROLLBACK PREPARED, DROP OWNED … RESTRICT and a look at
// the catalog; nothing with data in it is dropped. Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/core/names.h"
#include "broker/pq/connection.h"

namespace jit::target_postgres {

// Opens a connection of the broker's login into another database of the same cluster.
using DialDatabase =
    std::function<absl::StatusOr<std::unique_ptr<pq::Connection>>(const std::string& database)>;

// Rolls back every prepared transaction of the login, each in its database. `home` leads to the
// kit. OK when none is left that could be reached; the error says in words which one was not.
absl::Status EndPrepared(pq::Connection& home, const DialDatabase& dial,
                         const core::LoginName& login);

enum class Clearance { kCleared, kNeedsReview, kNotYet };
struct Cleared {
  Clearance clearance = Clearance::kNotYet;
  std::string report;
};

// Clears another database of what the login owns there, and of what it was granted when that
// database has the part of the kit for it.
Cleared ClearElsewhere(pq::Connection& home, const DialDatabase& dial, const core::LoginName& login,
                       const std::string& database);

// Reads what jit.clear answered.
Cleared ReadClearance(const absl::StatusOr<pq::Result>& answer);

}  // namespace jit::target_postgres
