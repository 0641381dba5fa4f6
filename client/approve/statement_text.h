// Words that the statements of leases and of changes share.
//
// Promises: text of others comes out escaped, on one line; nothing is left out. Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/canonical_json.h"

namespace jit::approve {

// kDataLoss: the broker's statement does not hold, so nothing was signed.
absl::Status Broken(absl::string_view what);

// The text at a key, as it is; empty when there is none.
std::string TextAt(const ledger::Json& fields, const char* key);

// Any value on one line.
std::string Plain(const ledger::Json& value);

// "second (group reviewers), manager (manager_of_requester true)".
std::string SeatsText(const ledger::Json& fields);

// "writer (MAY CHANGE DATA)".
std::string RoleText(const ledger::Json& fields);

}  // namespace jit::approve
