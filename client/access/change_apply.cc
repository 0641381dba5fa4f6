#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeOptions& options, console::Console& console,
                      channel::Broker& broker) {
  const auto change = ApplyAndFollow(options.change, console, broker);
  if (!change.ok()) return channel::Explain(change.status(), console);
  const console::ExitCode code = ShowOutcome(*change, options.output, console);
  // Sent back is neither applied nor refused.
  const bool back = change->state() == v1::Change::STATE_REHEARSED ||
                    change->state() == v1::Change::STATE_APPROVED;
  return back ? console::ExitCode::kPending : code;
}

}  // namespace

console::Command ChangeApplyCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change apply",
      .summary = "run an approved change, once",
      .description =
          "Runs the same bytes that were rehearsed and reviewed, with a login made for it. It "
          "commits only when the schema is still the same and the counts are the expected ones; "
          "otherwise everything is rolled back and the difference is shown. A change runs once: "
          "however it ends, it is not run again.\n\n"
          "While it runs a line says how far it is. Ctrl-C asks the broker to cancel it, and what "
          "happened is said. Returns 3 when it was rolled back, and 5 when it was sent back to "
          "its reviewers, because what they looked at has changed.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change apply aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
