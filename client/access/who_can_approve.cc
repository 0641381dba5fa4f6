#include "client/access/who_can_approve.h"

#include <nlohmann/json.hpp>

#include "client/channel/options.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

console::Command WhoCanApproveCommand(WhoCanApproveOptions& options,
                                      const channel::Connect& connect) {
  return {.name = "who-can-approve",
          .summary = "show who would have to approve, before asking",
          .description =
              "Answers what `request` with the same target, role and time would wait for: the rule "
              "that would decide, its seats, and who could sit in each. Files nothing.",
          .options =
              {
                  channel::TargetOption(&options.target),
                  channel::RoleOption(&options.role),
                  {.name = "--ttl",
                   .value = "TIME",
                   .help = "How long; without it, the default.",
                   .into = &options.ttl},
                  console::OutputOption(&options.output),
              },
          .examples = {"jit-access who-can-approve --target shop --role writer --ttl 2h"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return WhoCanApprove(options, console, broker);
            });
          }};
}

console::ExitCode WhoCanApprove(const WhoCanApproveOptions& options, console::Console& console,
                                channel::Broker& broker) {
  v1::ListApproversRequest request;
  request.set_target(options.target);
  request.set_role(options.role);
  if (options.ttl.has_value()) *request.mutable_ttl() = channel::ToProto(*options.ttl);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out,
                       {{"rule", answer->rule()}, {"seats", channel::SeatsJson(answer->seats())}});
    return console::ExitCode::kOk;
  }
  console::Fields fields = {{"rule", console::Visible(answer->rule())}};
  for (const std::string& seat : channel::SeatLines(answer->seats())) {
    fields.emplace_back("seat", seat);
  }
  if (answer->seats().empty()) fields.emplace_back("seats", "none: it opens at once");
  console::PrintFields(console.out, fields);
  return console::ExitCode::kOk;
}

}  // namespace jit::access
