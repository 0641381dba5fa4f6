// What the service manager is told: that we serve, that we read everything again, that we stop.
//
// The protocol of sd_notify(3) is one datagram to the socket named in $NOTIFY_SOCKET; without that
// variable nothing is sent. Safe from any thread.
#pragma once

#include "absl/strings/string_view.h"

namespace jit::daemon {

// "READY=1", "RELOADING=1", "STOPPING=1", several separated by newlines. A service manager that
// does not listen is no fault of ours: nothing is reported.
void TellServiceManager(absl::string_view state);

}  // namespace jit::daemon
