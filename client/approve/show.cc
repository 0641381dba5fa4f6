#include "client/approve/show.h"

#include <map>
#include <nlohmann/json.hpp>

#include "client/approve/decide.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::approve {

using console::ExitCode;
using console::Need;

namespace {

const std::map<std::string, v1::Decision>& Decisions() {
  static const std::map<std::string, v1::Decision> decisions = {
      {"approve", v1::DECISION_APPROVE},
      {"deny", v1::DECISION_DENY},
      {"ok", v1::DECISION_ACCEPT},
      {"not-ok", v1::DECISION_OBJECT},
  };
  return decisions;
}

}  // namespace

console::Command ShowCommand(ShowOptions& options, const channel::Connect& connect) {
  return {
      .name = "show",
      .summary = "show what there is to decide",
      .description =
          "Prints the statement that a decision would sign, read from the signed text itself: "
          "who, what, where, how long and why, then everything else in it, and its digest "
          "last. The lease as it stands now comes first. The statement is different for each "
          "decision and for each reviewer.",
      .options =
          {
              {.name = "ID", .help = "The lease.", .into = &options.lease, .need = Need::kRequired},
              {.name = "--for",
               .value = "DECISION",
               .help = "Which decision's statement; without it, approve.",
               .into = &options.decision,
               .choices = {"approve", "deny", "ok", "not-ok"}},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-approve show aw5nvrvrrlxijqfntz3gzfwx4e",
                   "jit-approve show aw5nvrvrrlxijqfntz3gzfwx4e --output json | jq -r .digest"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Show(options, console, broker);
        });
      }};
}

ExitCode Show(const ShowOptions& options, console::Console& console, channel::Broker& broker) {
  const v1::Decision decision = Decisions().at(options.decision);
  v1::GetLeaseRequest request;
  request.set_lease_id(options.lease);
  const auto lease = broker.Call(request);
  if (!lease.ok()) return channel::Explain(lease.status(), console);
  const auto statement = FetchStatement(options.lease, decision, std::nullopt, broker);
  if (!statement.ok()) return channel::Explain(statement.status(), console);
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, {{"lease", channel::LeaseJson(lease->lease())},
                                     {"statement", statement->fields},
                                     {"statement_text", statement->text},
                                     {"digest", statement->digest}});
    return ExitCode::kOk;
  }
  *console.out.stream << "The lease is " << channel::StateWord(lease->lease().state()) << ".\n";
  console::Fields seats;
  for (const std::string& seat : channel::SeatLines(lease->lease().seats())) {
    seats.emplace_back("seat", seat);
  }
  console::PrintFields(console.out, seats);
  *console.out.stream << '\n';
  ShowStatement(*statement, console.out);
  return ExitCode::kOk;
}

}  // namespace jit::approve
