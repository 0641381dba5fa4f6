// Removed: the role is gone, and nothing it owned or was granted is left anywhere.
//
// Promises: only logins that are off are touched; what people have to decide on is left and named;
// one login that cannot be removed yet holds up no other for longer than its own lock timeouts.
// One thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/ports/target.h"
#include "broker/pq/connection.h"
#include "broker/target_postgres/lending.h"

namespace jit::target_postgres {

class Removing {
 public:
  // Both outlive it. `home` leads to the kit.
  Removing(pq::Connection& home, DialDatabase dial) : home_(home), dial_(std::move(dial)) {}

  // One outcome per login, in the order given.
  absl::StatusOr<std::vector<ports::RemoveOutcome>> Run(const std::vector<core::LoginName>& logins);

 private:
  struct Patient {
    ports::RemoveOutcome outcome;
    std::vector<std::string> databases;  // where something of it is
    bool prepared = false;
    bool ready = false;  // only the role itself is left
  };

  absl::Status LookAt(const std::vector<core::LoginName>& logins);
  void Clear(Patient& patient);
  absl::Status Drop();

  pq::Connection& home_;
  DialDatabase dial_;
  std::vector<Patient> patients_;
};

}  // namespace jit::target_postgres
