// What a failed call of the kit means to the caller of the port.
//
// Promises: a target that is not ready, or not the right one, is a refusal; what certainly did not
// happen is kFailedPrecondition; everything else is kUnavailable, to be resolved by looking. Safe
// from any thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jit::target_postgres {

absl::Status InWords(const absl::Status& failed);

// For reports: the words of a server error without its five letters' preamble.
std::string Plain(const absl::Status& failed);

}  // namespace jit::target_postgres
