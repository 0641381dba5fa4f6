#include "client/access/withdraw.h"

#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

console::Command WithdrawCommand(WithdrawOptions& options, const channel::Connect& connect) {
  return {.name = "withdraw",
          .summary = "take back a lease that is not open yet",
          .description =
              "Ends a lease that still waits for reviews, or that is approved and not opened. "
              "Prints the lease's id and its state.",
          .options =
              {
                  {.name = "ID",
                   .help = "The lease.",
                   .into = &options.lease,
                   .need = console::Need::kRequired},
                  console::OutputOption(&options.output),
              },
          .examples = {"jit-access withdraw aw5nvrvrrlxijqfntz3gzfwx4e"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return Withdraw(options, console, broker);
            });
          }};
}

console::ExitCode Withdraw(const WithdrawOptions& options, console::Console& console,
                           channel::Broker& broker) {
  v1::WithdrawLeaseRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, channel::LeaseJson(answer->lease()));
  } else {
    *console.out.stream << console::Visible(answer->lease().id()) << " is "
                        << channel::StateWord(answer->lease().state()) << '\n';
  }
  return console::ExitCode::kOk;
}

}  // namespace jit::access
