#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/change_json.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_change.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::GetChangeRequest request;
  request.set_change_id(options.change);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  const v1::Change& change = answer->change();
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, channel::ChangeJson(change));
    return console::ExitCode::kOk;
  }
  channel::PrintChange(console.out, change, console.now());
  TellNext(change, console);
  return console::ExitCode::kOk;
}

}  // namespace

console::Command ChangeShowCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change show",
      .summary = "show one change: script, report, reviews, how it ended",
      .description =
          "Prints everything there is to know about a change: who planned it and why, the script "
          "with line numbers, what its rehearsal or its execution did, what it has to meet, seats "
          "and reviews, and why it ended as it did. Returns 0 whenever it could be read.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change show aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
