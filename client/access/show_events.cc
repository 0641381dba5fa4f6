#include "client/access/show_events.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "client/channel/proto_time.h"
#include "client/channel/show_lease.h"
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

void ShowEvents(const std::string& what, const std::string& id,
                const google::protobuf::RepeatedPtrField<v1::TimelineEvent>& events,
                console::Output output, console::Console& console) {
  if (output == console::Output::kJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const v1::TimelineEvent& event : events) list.push_back(EventJson(event));
    console::PrintJson(console.out, {{what, id}, {"events", std::move(list)}});
    return;
  }
  console::Table table({"TIME", "EVENT", "WHAT HAPPENED"});
  for (const v1::TimelineEvent& event : events) {
    table.Add({console::FormatInstant(channel::ToTime(event.time())),
               console::Visible(event.type()), console::VisibleOnce(event.summary())});
  }
  table.Print(console.out);
}

}  // namespace jit::access
