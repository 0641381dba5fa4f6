// A request about one lease or one change that says no more than which: what `end`, `withdraw`,
// `change cancel` and `change withdraw` send, and how the answer is printed.
//
// Promises: every call gets an idempotency id of its own. Nothing is printed on standard output
// unless the broker did it. Thread-compatible.
#pragma once

#include <string>

#include "client/access/follow_change.h"
#include "client/channel/broker.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

// Text: "ID is STATE". JSON: the lease.
inline void ShowState(const v1::Lease& lease, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) {
    console::PrintJson(console.out, channel::LeaseJson(lease));
    return;
  }
  *console.out.stream << console::Visible(lease.id()) << " is " << channel::StateWord(lease.state())
                      << '\n';
}

// `Request` has an idempotency id and a lease id, and is answered with the lease after it.
template <typename Request>
console::ExitCode AskOfLease(const std::string& lease_id, console::Output output,
                             console::Console& console, channel::Broker& broker) {
  Request request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(lease_id);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowState(answer->lease(), output, console);
  return console::ExitCode::kOk;
}

// The same of a change; what to type next is told too.
template <typename Request>
console::ExitCode AskOfChange(const std::string& change_id, console::Output output,
                              console::Console& console, channel::Broker& broker) {
  Request request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(change_id);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowOutcome(answer->change(), output, console);
  return console::ExitCode::kOk;
}

}  // namespace jit::access
