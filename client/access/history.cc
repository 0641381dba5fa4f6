#include "client/access/history.h"

#include "client/access/show_events.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command HistoryCommand(HistoryOptions& options, const channel::Connect& connect) {
  return {
      .name = "history",
      .summary = "show what happened to a lease",
      .description =
          "Lists the records of the lease in the broker's journal, in order. With --output json "
          "each has its body as it was recorded and hashed.",
      .options =
          {
              channel::LeaseOption(&options.lease),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access history aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return History(options, console, broker);
        });
      }};
}

console::ExitCode History(const HistoryOptions& options, console::Console& console,
                          channel::Broker& broker) {
  v1::ListHistoryRequest request;
  request.set_lease_id(options.lease);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowEvents("lease", options.lease, answer->events(), options.output, console);
  return console::ExitCode::kOk;
}

}  // namespace jit::access
