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

std::vector<NamedState> States() {
  std::vector<NamedState> states;
  for (int value = v1::Change::STATE_PLANNED; value <= v1::Change::State_MAX; ++value) {
    states.push_back({value, channel::StateWord(static_cast<v1::Change::State>(value))});
  }
  return states;
}

console::ExitCode Run(const ListOptions& options, console::Console& console,
                      channel::Broker& broker) {
  google::protobuf::RepeatedPtrField<v1::Change> changes;
  const auto more = ReadPages(
      ListingRequest<v1::ListChangesRequest>(options, States()), options, broker,
      [&changes](const v1::ListChangesResponse& page) { changes.MergeFrom(page.changes()); });
  if (!more.ok()) return channel::Explain(more.status(), console);
  if (options.output == console::Output::kJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const v1::Change& change : changes) list.push_back(channel::ChangeJson(change));
    console::PrintJson(console.out, {{"changes", std::move(list)}, {"more", *more}});
    return console::ExitCode::kOk;
  }
  channel::ChangeTable(changes, console.now()).Print(console.out);
  if (changes.empty()) *console.err.stream << "No changes.\n";
  if (*more) *console.err.stream << "There are more: `jit-access change list --all`.\n";
  return console::ExitCode::kOk;
}

}  // namespace

console::Command ChangeListCommand(ListOptions& options, const channel::Connect& connect) {
  return {.name = "change list",
          .summary = "list changes, newest first",
          .description =
              "Lists the changes you may see: your own, those you could review, and all of them "
              "for operators and auditors. The newest 50, unless --all is given.",
          .options = ListingOptions(options, States()),
          .examples = {"jit-access change list --mine --state rehearsed"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return Run(options, console, broker);
            });
          }};
}

}  // namespace jit::access
