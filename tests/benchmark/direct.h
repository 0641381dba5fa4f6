// The kit's own function, called the way the broker calls it, without the broker.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/pq/connection.h"

namespace jit::benchmark {

// Makes one login for a reader that ends after `ttl`.
absl::Status OpenDirectly(pq::Connection& connection, const std::string& system_identifier,
                          absl::Duration ttl);
absl::StatusOr<std::string> SystemIdentifier(pq::Connection& connection);

}  // namespace jit::benchmark
