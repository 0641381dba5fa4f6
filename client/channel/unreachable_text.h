// Why nobody answered, guessed from what gRPC says, and what to do about it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace jit::channel {

// `address` is the broker's as configured; `cause` is gRPC's message, or "timeout". gRPC does not
// say why a server turned a client certificate down: the connection is just closed. Safe from any
// thread.
std::string UnreachableText(absl::string_view address, absl::string_view cause);

}  // namespace jit::channel
