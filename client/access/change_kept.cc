#include <nlohmann/json.hpp>

#include "client/access/change_commands.h"
#include "client/access/show_kept.h"
#include "client/channel/change_json.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::access {

namespace {

console::ExitCode Run(const ChangeOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::ListKeptRequest request;
  request.set_change_id(options.change);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    nlohmann::json json = channel::MessageJson(*answer);
    json["change"] = options.change;
    console::PrintJson(console.out, json);
    return console::ExitCode::kOk;
  }
  PrintKept(console.out, answer->kept());
  if (answer->kept().empty()) *console.err.stream << "It kept nothing.\n";
  return console::ExitCode::kOk;
}

}  // namespace

console::Command ChangeKeptCommand(ChangeOptions& options, const channel::Connect& connect) {
  return {
      .name = "change kept",
      .summary = "list what a change kept instead of destroying it",
      .description =
          "Lists tables, columns, views and the like that the change moved out of the way, with "
          "their sizes and whether anything touched them since.",
      .options =
          {
              channel::ChangeOption(&options.change),
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change kept aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
