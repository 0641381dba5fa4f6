#include "client/access/list.h"

#include <nlohmann/json.hpp>

#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::access {

namespace {

std::vector<std::string> StateWords() {
  std::vector<std::string> words;
  for (int state = v1::Lease::STATE_REQUESTED; state <= v1::Lease::State_MAX; ++state) {
    words.push_back(channel::StateWord(static_cast<v1::Lease::State>(state)));
  }
  return words;
}

v1::ListLeasesRequest RequestFor(const ListOptions& options) {
  v1::ListLeasesRequest request;
  request.set_mine(options.mine);
  request.set_target(options.target);
  if (options.all) request.set_page_size(200);
  for (int state = v1::Lease::STATE_REQUESTED; state <= v1::Lease::State_MAX; ++state) {
    const auto value = static_cast<v1::Lease::State>(state);
    if (channel::StateWord(value) == options.state) request.add_states(value);
  }
  return request;
}

}  // namespace

console::Command ListCommand(ListOptions& options, const channel::Connect& connect) {
  return {.name = "list",
          .summary = "list leases, newest first",
          .description =
              "Lists the leases you may see: your own, those you could review, and all of them for "
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
          .examples = {"jit-access list --mine --state open",
                       "jit-access list --target shop --all --output json"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return List(options, console, broker);
            });
          }};
}

console::ExitCode List(const ListOptions& options, console::Console& console,
                       channel::Broker& broker) {
  v1::ListLeasesRequest request = RequestFor(options);
  google::protobuf::RepeatedPtrField<v1::Lease> leases;
  bool more = false;
  do {
    const auto page = broker.Call(request);
    if (!page.ok()) return channel::Explain(page.status(), console);
    leases.MergeFrom(page->leases());
    request.set_page_token(page->next_page_token());
    more = !page->next_page_token().empty();
  } while (more && options.all);
  if (options.output == console::Output::kJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const v1::Lease& lease : leases) list.push_back(channel::LeaseJson(lease));
    console::PrintJson(console.out, {{"leases", std::move(list)}, {"more", more}});
    return console::ExitCode::kOk;
  }
  channel::LeaseTable(leases, console.now()).Print(console.out);
  if (leases.empty()) *console.err.stream << "No leases.\n";
  if (more) *console.err.stream << "There are more: `jit-access list --all`.\n";
  return console::ExitCode::kOk;
}

}  // namespace jit::access
