#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/with_broker.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeUndoOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::PlanUndoRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(options.change);
  request.set_reason(options.reason);
  request.set_on_conflict(OnConflictOf(options.on_conflict));
  const auto answer = broker.Call(request);
  if (!answer.ok()) return ExplainPlanning(answer.status(), console);
  ShowPlanned(answer->change(), options.output, console);
  return GoThroughWithUndo(answer->change(), options.plan ? UndoStop::kAfterPlan : UndoStop::kNever,
                           options.output, console, broker);
}

}  // namespace

console::Command ChangeUndoCommand(ChangeUndoOptions& options, const channel::Connect& connect) {
  return {
      .name = "change undo",
      .summary = "take an applied change back",
      .description =
          "Plans another change that puts every row back as it was, newest first and cascades "
          "included, brings kept things back, and rehearses it. With --plan that is all. Without "
          "it the undo is submitted, and applied at once when policy demands no seat for it.\n\n"
          "A row that was changed since is a conflict: nothing is taken back, and the keys are "
          "listed, unless --on-conflict says otherwise. It is all or nothing.",
      .options =
          {
              {.name = "ID",
               .help = "The change that was applied.",
               .into = &options.change,
               .need = console::Need::kRequired},
              {.name = "--reason",
               .value = "TEXT",
               .help = "Why; at most 1,024 bytes.",
               .into = &options.reason,
               .need = console::Need::kRequired},
              {.name = "--plan", .help = "Only rehearse it.", .into = &options.plan},
              {.name = "--on-conflict",
               .value = "WHAT",
               .help = "What to do with rows that were changed since: refuse takes nothing back, "
                       "skip leaves them as they are, overwrite loses what changed them.",
               .into = &options.on_conflict,
               .choices = {"refuse", "skip", "overwrite"}},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change undo aw5nvrvrrlxijqfntz3gzfwx4e --plan \\",
                   "    --reason 'wrong customers'"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
