// From a lease or a guarded change to a signed decision on it.
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
#include "client/console/exit_code.h"
#include "jit/v1/change.pb.h"

namespace jit::approve {

// Where the approver's private key comes from: a file in main, a constant in tests.
using KeySource = std::function<absl::StatusOr<credential::Secret>(console::Console&)>;

// Fetches, checks and returns the statement for this decision. A refusal with the reason
// DIGEST_MISMATCH when `expected_digest` is there and is another one; otherwise the broker's
// refusals and ReadStatement's errors.
absl::StatusOr<Statement> FetchStatement(const std::string& lease_id, v1::Decision decision,
                                         const std::optional<std::string>& expected_digest,
                                         channel::Broker& broker);

// What there is to decide about an id: ids of leases and of changes look alike.
struct ToDecide {
  Statement statement;
  std::optional<v1::Change> change;  // unset: it is a lease
};
// Asks for the lease, and when there is none of that id for the change. Errors as above.
absl::StatusOr<ToDecide> FetchEither(const std::string& id, v1::Decision decision,
                                     const std::optional<std::string>& expected_digest,
                                     channel::Broker& broker);
void ShowToDecide(const ToDecide& what, const console::Sink& sink);

// Base64, over the review context, the statement and the note. kInvalidArgument about the key.
absl::StatusOr<std::string> SignStatement(const Statement& statement, const std::string& note,
                                          const KeySource& key, console::Console& console);

// What the lease became: "ID is approved" and who is still missing, or the lease as JSON.
void ShowResult(const v1::Lease& lease, console::Output output, console::Console& console);
void ShowResult(const v1::Change& change, console::Output output, console::Console& console);

// Sends a signed decision on a change, and shows what became of it.
console::ExitCode ReviewChange(const ToDecide& what, v1::Decision decision,
                               const std::string& signature, const std::string& note,
                               console::Output output, console::Console& console,
                               channel::Broker& broker);

}  // namespace jit::approve
