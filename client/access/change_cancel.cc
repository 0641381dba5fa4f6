#include "client/access/ask_of_one.h"
#include "client/access/change_commands.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command ChangeCancelCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change cancel",
      .summary = "ask a rehearsal or an execution to stop and roll back",
      .description =
          "Asks the broker to stop what runs; a commit that was faster stands. `jit-access change "
          "show` says how it ended. A repeat is harmless.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change cancel aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return AskOfChange<v1::CancelChangeRequest>(options.change, options.output, console,
                                                      broker);
        });
      }};
}

}  // namespace jit::access
