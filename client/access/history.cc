#include "client/access/history.h"

#include <nlohmann/json.hpp>

#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

namespace {

nlohmann::json EventJson(const v1::TimelineEvent& event) {
  // A body that is no JSON is shown as the text it is: hiding it would hide the fault.
  nlohmann::json body = nlohmann::json::parse(event.body(), nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded()) body = event.body();
  return {{"sequence", event.sequence()},
          {"time", channel::TimeJson(event.time())},
          {"type", event.type()},
          {"summary", event.summary()},
          {"body", std::move(body)}};
}

}  // namespace

console::Command HistoryCommand(HistoryOptions& options, const channel::Connect& connect) {
  return {
      .name = "history",
      .summary = "show what happened to a lease",
      .description =
          "Lists the records of the lease in the broker's journal, in order. With --output json "
          "each has its body as it was recorded and hashed.",
      .options =
          {
              {.name = "ID",
               .help = "The lease.",
               .into = &options.lease,
               .need = console::Need::kRequired},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access history aw5nvrvrrlxijqfntz3gzfwx4e"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return History(options, console, broker);
        });
      }};
}

console::ExitCode History(const HistoryOptions& options, console::Console& console,
                          channel::Broker& broker) {
  v1::ListHistoryRequest request;
  request.set_lease_id(options.lease);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    nlohmann::json events = nlohmann::json::array();
    for (const v1::TimelineEvent& event : answer->events()) events.push_back(EventJson(event));
    console::PrintJson(console.out, {{"lease", options.lease}, {"events", std::move(events)}});
    return console::ExitCode::kOk;
  }
  console::Table table({"TIME", "EVENT", "WHAT HAPPENED"});
  for (const v1::TimelineEvent& event : answer->events()) {
    table.Add({console::FormatInstant(channel::ToTime(event.time())),
               console::Visible(event.type()), console::VisibleOnce(event.summary())});
  }
  table.Print(console.out);
  return console::ExitCode::kOk;
}

}  // namespace jit::access
