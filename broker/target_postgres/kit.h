// What is installed in a target: the schema `jit`, its three roles, and one function per verb.
//
// Promises: the script is plain SQL in one transaction, may be run again, upgrades what an older
// version left, and never changes what it did not make. A DBA can read it before it runs. Install
// runs the same text. Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/credential/scram_verifier.h"

namespace jit::target_postgres {

// Grows when a function changes what it takes, answers or promises.
constexpr int kKitVersion = 3;

enum class KitPart {
  kTarget,     // everything, in the database that leases are for
  kNeighbour,  // only what clears up after a login, in another database of the same cluster
};

struct KitOptions {
  KitPart part = KitPart::kTarget;
  std::string broker = "jit_broker";      // the broker's login: 1 to 63 of [a-z0-9_]
  std::vector<core::PgGroup> groups;      // replaces the list in force; empty leaves it as it is
  std::vector<core::PgGroup> owners;      // whose tables may be guarded; likewise
  std::optional<absl::Duration> ttl_max;  // the longest any lease may live; whole seconds
  // For Install only: the broker's login gets this password. A DBA uses \password or a certificate.
  std::optional<credential::ScramVerifier> broker_verifier;
};

// The script, for psql or any other client. kInvalidArgument when an option is malformed.
absl::StatusOr<std::string> KitSql(const KitOptions& options);

// Runs it as an administrator: a superuser, or a role with CREATEROLE that may create schemas there
// and may grant pg_signal_backend. A repeat is harmless. On failure nothing is left behind, except
// when the answer to the commit is lost (pq::OutcomeOf): then run it again.
absl::Status Install(const std::string& admin_conninfo, const KitOptions& options);

}  // namespace jit::target_postgres
