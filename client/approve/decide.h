// From a lease to a signed decision on it.
//
// Promises: what is signed is what was shown, byte for byte, and nothing is signed that the person
// has not confirmed. The key is read when it is needed and wiped right after. Thread-compatible.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "broker/credential/secret.h"
#include "client/approve/statement.h"
#include "client/channel/broker.h"
#include "client/console/console.h"

namespace jit::approve {

// Where the approver's private key comes from: a file in main, a constant in tests.
using KeySource = std::function<absl::StatusOr<credential::Secret>(console::Console&)>;

// Fetches, checks and returns the statement for this decision. A refusal with the reason
// DIGEST_MISMATCH when `expected_digest` is there and is another one; otherwise the broker's
// refusals and ReadStatement's errors.
absl::StatusOr<Statement> FetchStatement(const std::string& lease_id, v1::Decision decision,
                                         const std::optional<std::string>& expected_digest,
                                         channel::Broker& broker);

// Base64, over the review context, the statement and the note. kInvalidArgument about the key.
absl::StatusOr<std::string> SignStatement(const Statement& statement, const std::string& note,
                                          const KeySource& key, console::Console& console);

// What the lease became: "ID is approved" and who is still missing, or the lease as JSON.
void ShowResult(const v1::Lease& lease, console::Output output, console::Console& console);

}  // namespace jit::approve
