#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/access/show_kept.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeDropOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::ListKeptRequest list;
  list.set_change_id(options.change);
  const auto kept = broker.Call(list);
  if (!kept.ok()) return channel::Explain(kept.status(), console);
  v1::PlanDropRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(options.change);
  request.set_reason(options.reason);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return ExplainPlanning(answer.status(), console);
  ShowPlanned(answer->change(), options.output, console);
  if (options.output == console::Output::kText) PrintKept(console.out, kept->kept());
  return ShowRehearsed(answer->change(), options.output, console, broker);
}

}  // namespace

console::Command ChangeDropCommand(ChangeDropOptions& options, const channel::Connect& connect) {
  return {
      .name = "change drop-for-good",
      .summary = "destroy what a change kept, for good",
      .description =
          "Shows what the change kept instead of destroying it, how large it is and whether "
          "anything touched it since; then plans to destroy it and rehearses that. It has seats "
          "of its own, a waiting period, and no undo: `jit-access change submit` and `apply` are "
          "the way on.",
      .options =
          {
              {.name = "ID",
               .help = "The change that kept something.",
               .into = &options.change,
               .need = console::Need::kRequired},
              {.name = "--reason",
               .value = "TEXT",
               .help = "Why; at most 1,024 bytes.",
               .into = &options.reason,
               .need = console::Need::kRequired},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change drop-for-good aw5nvrvrrlxijqfntz3gzfwx4e \\",
                   "    --reason 'nobody missed it'"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
