// A TCP port on loopback that nobody listens on.
//
// Promises: nothing is held. Somebody may take the port before its new owner listens, so whoever
// starts a server tries again with another one. Safe from any thread.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

namespace jit::development {

// `wanted` (1 to 65535) when nobody listens there, although connections of an earlier server may
// linger in TIME_WAIT; otherwise one at random, below those that the kernel gives to outgoing
// connections (ip(7), ip_local_port_range), which could take it away at any moment. kUnavailable
// when none was found.
absl::StatusOr<int> FreePort(std::optional<int> wanted = std::nullopt);

}  // namespace jit::development
