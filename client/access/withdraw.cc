#include "client/access/withdraw.h"

#include "client/access/ask_of_one.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command WithdrawCommand(WithdrawOptions& options, const channel::Connect& connect) {
  return {.name = "withdraw",
          .summary = "take back a lease that is not open yet",
          .description =
              "Ends a lease that still waits for reviews, or that is approved and not opened. "
              "Prints the lease's id and its state.",
          .options =
              {
                  channel::LeaseOption(&options.lease),
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
  return AskOfLease<v1::WithdrawLeaseRequest>(options.lease, options.output, console, broker);
}

}  // namespace jit::access
