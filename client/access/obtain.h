// From a wish, or from the id of a lease, to a login that works: ask, wait, open.
//
// Promises: the lease's id is known to the caller before anything is waited for; Ctrl-C stops the
// waiting and never the lease; a broker that is away for less than five minutes is waited for too.
// What happens is told on `err`. Thread-compatible.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/credential/secret.h"
#include "client/access/password.h"
#include "client/channel/broker.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"
#include "jit/v1/lease.pb.h"

namespace jit::access {

enum class Patience { kWait, kReturn };

struct Wish {
  std::string target;
  std::string role;
  std::string reason;
  std::optional<absl::Duration> ttl;
  std::vector<std::string> keyless = {};  // tables without a primary key
};

struct Obtained {
  console::ExitCode code = console::ExitCode::kFault;
  v1::Lease lease;                             // as last seen; without an id when none was filed
  std::optional<credential::Secret> password;  // when the code is kOk: the lease is open
};

// Files a lease and follows it. `asked` is called once, as soon as there is an id.
Obtained AskAndOpen(const Wish& wish, Patience patience,
                    const std::function<void(const v1::Lease&)>& asked, console::Console& console,
                    channel::Broker& broker);

// Opens an approved lease, waits for a requested one, and gives an open one a new password.
Obtained OpenById(const std::string& lease_id, Patience patience, console::Console& console,
                  channel::Broker& broker);

// What to do once a lease was filed together with `password`: follows it until it is open or over.
Obtained Follow(v1::Lease lease, NewPassword password, Patience patience, console::Console& console,
                channel::Broker& broker);

// Explains why filing a lease failed. When it was no refusal the lease may have been filed all the
// same, and the text says how to find out.
console::ExitCode ExplainFiling(const absl::Status& status, console::Console& console);

// Says on `err` what became of a lease that is not open, and how to come back to it.
void TellState(const v1::Lease& lease, console::Console& console);

}  // namespace jit::access
