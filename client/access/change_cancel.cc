#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::CancelChangeRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(options.change);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowOutcome(answer->change(), options.output, console);
  return console::ExitCode::kOk;
}

}  // namespace

console::Command ChangeCancelCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change cancel",
      .summary = "ask a rehearsal or an execution to stop and roll back",
      .description =
          "Asks the broker to stop what runs; a commit that was faster stands. `jit-access change "
          "show` says how it ended. A repeat is harmless.",
      .options =
          {
              {.name = "ID",
               .help = "The change.",
               .into = &options.change,
               .need = console::Need::kRequired},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change cancel aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
