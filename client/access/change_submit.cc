#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeOptions& options, console::Console& console,
                      channel::Broker& broker) {
  const auto change = Submit(options.change, broker);
  if (!change.ok()) return channel::Explain(change.status(), console);
  return ShowOutcome(*change, options.output, console);
}

}  // namespace

console::Command ChangeSubmitCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change submit",
      .summary = "hand a rehearsed change to its reviewers",
      .description =
          "Asks for the reviews that policy demands; they sign one digest over the script, the "
          "target, the role and the report. Returns 5 (pending) while a seat is open, 0 when it "
          "is approved already.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change submit aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
