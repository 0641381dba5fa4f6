// Connects, or says why not, and goes on.
#pragma once

#include <functional>

#include "client/channel/broker.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"

namespace jit::channel {

// Runs `command` with a broker from `connect`. Otherwise says on `err` what is wrong with the
// settings: kUsage, or kUnreachable when they are complete and our own certificate has ended.
console::ExitCode WithBroker(const Connect& connect, console::Console& console,
                             const std::function<console::ExitCode(Broker&)>& command);

// For main: from flags, environment and the system's file. `flags` must outlive what is returned.
Connect ConnectBy(const SettingFlags& flags);

}  // namespace jit::channel
