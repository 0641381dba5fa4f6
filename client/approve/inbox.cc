#include "client/approve/inbox.h"

#include <nlohmann/json.hpp>

#include "client/channel/change_json.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_change.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::approve {

namespace {

nlohmann::json LeasesJson(const google::protobuf::RepeatedPtrField<v1::Lease>& leases) {
  nlohmann::json list = nlohmann::json::array();
  for (const v1::Lease& lease : leases) list.push_back(channel::LeaseJson(lease));
  return list;
}

nlohmann::json ChangesJson(const google::protobuf::RepeatedPtrField<v1::Change>& changes) {
  nlohmann::json list = nlohmann::json::array();
  for (const v1::Change& change : changes) list.push_back(channel::ChangeJson(change));
  return list;
}

void ShowSection(const char* heading, const google::protobuf::RepeatedPtrField<v1::Lease>& leases,
                 console::Console& console) {
  if (leases.empty()) return;
  *console.out.stream << heading << '\n';
  channel::LeaseTable(leases, console.now()).Print(console.out);
}

}  // namespace

console::Command InboxCommand(InboxOptions& options, const channel::Connect& connect) {
  return {
      .name = "inbox",
      .summary = "list what waits for you, owed reviews first",
      .description =
          "Lists break-glass leases that owe a review you may give, then leases that wait for a "
          "seat you could fill, oldest first, then leases whose residue you may accept, then "
          "guarded "
          "changes that wait for you.",
      .options = {console::OutputOption(&options.output)},
      .examples = {"jit-approve inbox", "jit-approve inbox --output json"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Inbox(options, console, broker);
        });
      }};
}

console::ExitCode Inbox(const InboxOptions& options, console::Console& console,
                        channel::Broker& broker) {
  const auto answer = broker.Call(v1::ListInboxRequest());
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, {{"owed", LeasesJson(answer->owed())},
                                     {"waiting", LeasesJson(answer->waiting())},
                                     {"residue", LeasesJson(answer->residue())},
                                     {"changes", ChangesJson(answer->changes())}});
    return console::ExitCode::kOk;
  }
  ShowSection("BREAK-GLASS, review owed", answer->owed(), console);
  if (!answer->owed().empty() && !answer->waiting().empty()) *console.out.stream << '\n';
  ShowSection("Waiting for you", answer->waiting(), console);
  if (!answer->residue().empty()) {
    const bool first = answer->owed().empty() && answer->waiting().empty();
    *console.out.stream << (first ? "" : "\n");
    ShowSection("Residue to accept", answer->residue(), console);
  }
  const bool leases =
      !answer->owed().empty() || !answer->waiting().empty() || !answer->residue().empty();
  if (!answer->changes().empty()) {
    *console.out.stream << (leases ? "\n" : "") << "Guarded changes waiting for you\n";
    channel::ChangeTable(answer->changes(), console.now()).Print(console.out);
  }
  if (!leases && answer->changes().empty()) {
    *console.err.stream << "Nothing waits for you.\n";
  } else {
    *console.err.stream << "Next: `jit-approve show ID`, then approve, deny, review or accept.\n";
  }
  return console::ExitCode::kOk;
}

}  // namespace jit::approve
