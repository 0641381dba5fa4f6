// `jit-access list`: the leases the caller may see.
#pragma once

#include "client/access/listing.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

// The entry of the command table. `options` and `connect` must outlive it.
console::Command ListCommand(ListOptions& options, const channel::Connect& connect);

console::ExitCode List(const ListOptions& options, console::Console& console,
                       channel::Broker& broker);

}  // namespace jit::access
