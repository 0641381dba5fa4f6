#include "client/access/end.h"

#include "client/access/ask_of_one.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command EndCommand(EndOptions& options, const channel::Connect& connect) {
  return {.name = "end",
          .summary = "give an open lease back before its deadline",
          .description =
              "Takes the login and every session of it away now. A repeat is harmless. Prints the "
              "lease's id and its state.",
          .options =
              {
                  channel::LeaseOption(&options.lease),
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
  return AskOfLease<v1::EndLeaseRequest>(options.lease, options.output, console, broker);
}

}  // namespace jit::access
