#include "client/access/change_commands.h"
#include "client/access/show_events.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::ListChangeHistoryRequest request;
  request.set_change_id(options.change);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowEvents("change", options.change, answer->events(), options.output, console);
  return console::ExitCode::kOk;
}

}  // namespace

console::Command ChangeHistoryCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change history",
      .summary = "show what happened to a change",
      .description =
          "Lists the records of the change in the broker's journal, in order. With --output json "
          "each has its body as it was recorded and hashed.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change history aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
