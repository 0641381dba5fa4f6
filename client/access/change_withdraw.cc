#include "client/access/ask_of_one.h"
#include "client/access/change_commands.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command ChangeWithdrawCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change withdraw",
      .summary = "take back a change that was not applied yet",
      .description =
          "Ends a change that is planned, rehearsed, waits for reviews or is approved. Prints its "
          "id and its state.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change withdraw aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return AskOfChange<v1::WithdrawChangeRequest>(options.change, options.output, console,
                                                        broker);
        });
      }};
}

}  // namespace jit::access
