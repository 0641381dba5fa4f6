#include "client/approve/show.h"

#include <map>
#include <nlohmann/json.hpp>

#include "client/approve/change_statement.h"
#include "client/approve/decide.h"
#include "client/channel/change_json.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_change.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::approve {

using console::ExitCode;
namespace {

const std::map<std::string, v1::Decision>& Decisions() {
  static const std::map<std::string, v1::Decision> decisions = {
      {"approve", v1::DECISION_APPROVE},
      {"deny", v1::DECISION_DENY},
      {"ok", v1::DECISION_ACCEPT},
      {"not-ok", v1::DECISION_OBJECT},
      {"accept", v1::DECISION_ACCEPT_RESIDUE},
  };
  return decisions;
}

// How it stands, before what there is to sign.
void ShowStanding(const char* what, const std::string& state,
                  const google::protobuf::RepeatedPtrField<v1::Seat>& seats,
                  console::Console& console) {
  *console.out.stream << "The " << what << " is " << state << ".\n";
  console::Fields fields;
  for (const std::string& seat : channel::SeatLines(seats)) fields.emplace_back("seat", seat);
  console::PrintFields(console.out, fields);
  *console.out.stream << '\n';
}

ExitCode ShowChange(const ToDecide& what, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) {
    console::PrintJson(console.out, {{"change", channel::ChangeJson(*what.change)},
                                     {"statement", what.statement.fields},
                                     {"statement_text", what.statement.text},
                                     {"digest", what.statement.digest}});
    return ExitCode::kOk;
  }
  ShowStanding("change", channel::StateWord(what.change->state()), what.change->seats(), console);
  ShowToDecide(what, console.out);
  return ExitCode::kOk;
}

}  // namespace

console::Command ShowCommand(ShowOptions& options, const channel::Connect& connect) {
  return {
      .name = "show",
      .summary = "show what there is to decide",
      .description =
          "Prints the statement that a decision would sign, read from the signed text itself: "
          "who, what, where, how long and why, then everything else in it, and its digest "
          "last. Of a guarded change that is its script with line numbers, statements with "
          "findings, rows per table, some rows before and after, what undo can do, and what has "
          "to hold. Of a lease that acted as the owner of the tables and is gone, that is what "
          "stands differently in the schema. The lease or the change as it stands now comes first. "
          "The statement is "
          "different for each "
          "decision and for each reviewer.",
      .options =
          {
              channel::LeaseOrChangeOption(&options.lease),
              {.name = "--for",
               .value = "DECISION",
               .help = "Which decision's statement; without it, accept where a residue waits for "
                       "it, else approve.",
               .into = &options.decision,
               .choices = {"approve", "deny", "ok", "not-ok", "accept"}},
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
  const bool chosen = !options.decision.empty();
  const v1::Decision decision = chosen ? Decisions().at(options.decision) : v1::DECISION_APPROVE;
  auto what = FetchEither(options.lease, decision, std::nullopt, broker);
  if (!what.ok()) return channel::Explain(what.status(), console);
  if (what->change.has_value()) return ShowChange(*what, options.output, console);
  v1::GetLeaseRequest request;
  request.set_lease_id(options.lease);
  const auto lease = broker.Call(request);
  if (!lease.ok()) return channel::Explain(lease.status(), console);
  if (!chosen && lease->lease().acceptance_owed()) {
    what = FetchEither(options.lease, v1::DECISION_ACCEPT_RESIDUE, std::nullopt, broker);
    if (!what.ok()) return channel::Explain(what.status(), console);
  }
  const Statement& statement = what->statement;
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, {{"lease", channel::LeaseJson(lease->lease())},
                                     {"statement", statement.fields},
                                     {"statement_text", statement.text},
                                     {"digest", statement.digest}});
    return ExitCode::kOk;
  }
  ShowStanding("lease", channel::StateWord(lease->lease().state()), lease->lease().seats(),
               console);
  ShowStatement(statement, console.out);
  return ExitCode::kOk;
}

}  // namespace jit::approve
