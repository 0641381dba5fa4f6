#include <nlohmann/json.hpp>
#include <utility>

#include "client/access/change_commands.h"
#include "client/channel/change_json.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_change.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::access {

namespace {

std::vector<std::string> StateWords() {
  std::vector<std::string> words;
  for (int state = v1::Change::STATE_PLANNED; state <= v1::Change::State_MAX; ++state) {
    words.push_back(channel::StateWord(static_cast<v1::Change::State>(state)));
  }
  return words;
}

v1::ListChangesRequest RequestFor(const ChangeListOptions& options) {
  v1::ListChangesRequest request;
  request.set_mine(options.mine);
  request.set_target(options.target);
  if (options.all) request.set_page_size(200);
  for (int state = v1::Change::STATE_PLANNED; state <= v1::Change::State_MAX; ++state) {
    const auto value = static_cast<v1::Change::State>(state);
    if (channel::StateWord(value) == options.state) request.add_states(value);
  }
  return request;
}

console::ExitCode Run(const ChangeListOptions& options, console::Console& console,
                      channel::Broker& broker) {
  v1::ListChangesRequest request = RequestFor(options);
  google::protobuf::RepeatedPtrField<v1::Change> changes;
  bool more = false;
  do {
    const auto page = broker.Call(request);
    if (!page.ok()) return channel::Explain(page.status(), console);
    changes.MergeFrom(page->changes());
    request.set_page_token(page->next_page_token());
    more = !page->next_page_token().empty();
  } while (more && options.all);
  if (options.output == console::Output::kJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const v1::Change& change : changes) list.push_back(channel::ChangeJson(change));
    console::PrintJson(console.out, {{"changes", std::move(list)}, {"more", more}});
    return console::ExitCode::kOk;
  }
  channel::ChangeTable(changes, console.now()).Print(console.out);
  if (changes.empty()) *console.err.stream << "No changes.\n";
  if (more) *console.err.stream << "There are more: `jit-access change list --all`.\n";
  return console::ExitCode::kOk;
}

}  // namespace

console::Command ChangeListCommand(ChangeListOptions& options, const channel::Connect& connect) {
  return {
      .name = "change list",
      .summary = "list changes, newest first",
      .description =
          "Lists the changes you may see: your own, those you could review, and all of them for "
          "operators and auditors. The newest 50, unless --all is given.",
      .options =
          {
              {.name = "--mine", .help = "Only your own.", .into = &options.mine},
              {.name = "--state",
               .value = "STATE",
               .help = "Only those in this state.",
               .into = &options.state,
               .choices = StateWords()},
              {.name = "--target",
               .value = "NAME",
               .help = "Only those on this database.",
               .into = &options.target},
              {.name = "--all",
               .help = "Everything, not only the newest 50.",
               .into = &options.all},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change list --mine --state rehearsed"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
