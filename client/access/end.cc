#include "client/access/end.h"

#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

console::Command EndCommand(EndOptions& options, const channel::Connect& connect) {
  return {.name = "end",
          .summary = "give an open lease back before its deadline",
          .description =
              "Takes the login and every session of it away now. A repeat is harmless. Prints the "
              "lease's id and its state.",
          .options =
              {
                  {.name = "ID",
                   .help = "The lease.",
                   .into = &options.lease,
                   .need = console::Need::kRequired},
                  console::OutputOption(&options.output),
              },
          .examples = {"jit-access end aw5nvrvrrlxijqfntz3gzfwx4e"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return End(options, console, broker);
            });
          }};
}

console::ExitCode End(const EndOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::EndLeaseRequest request;
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
