#include "client/access/list.h"

#include <nlohmann/json.hpp>

#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::access {

namespace {

std::vector<NamedState> States() {
  std::vector<NamedState> states;
  for (int value = v1::Lease::STATE_REQUESTED; value <= v1::Lease::State_MAX; ++value) {
    states.push_back({value, channel::StateWord(static_cast<v1::Lease::State>(value))});
  }
  return states;
}

}  // namespace

console::Command ListCommand(ListOptions& options, const channel::Connect& connect) {
  return {.name = "list",
          .summary = "list leases, newest first",
          .description =
              "Lists the leases you may see: your own, those you could review, and all of them for "
              "operators and auditors. The newest 50, unless --all is given.",
          .options = ListingOptions(options, States()),
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
  google::protobuf::RepeatedPtrField<v1::Lease> leases;
  const auto more =
      ReadPages(ListingRequest<v1::ListLeasesRequest>(options, States()), options, broker,
                [&leases](const v1::ListLeasesResponse& page) { leases.MergeFrom(page.leases()); });
  if (!more.ok()) return channel::Explain(more.status(), console);
  if (options.output == console::Output::kJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const v1::Lease& lease : leases) list.push_back(channel::LeaseJson(lease));
    console::PrintJson(console.out, {{"leases", std::move(list)}, {"more", *more}});
    return console::ExitCode::kOk;
  }
  channel::LeaseTable(leases, console.now()).Print(console.out);
  if (leases.empty()) *console.err.stream << "No leases.\n";
  if (*more) *console.err.stream << "There are more: `jit-access list --all`.\n";
  return console::ExitCode::kOk;
}

}  // namespace jit::access
