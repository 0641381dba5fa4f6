#include "client/access/roles.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

namespace {

std::string Time(const google::protobuf::Duration& duration) {
  return console::ExactDuration(channel::ToDuration(duration));
}

std::string SeatNames(const v1::OfferedRole& role) {
  if (role.seats().empty()) return "nobody: opens at once";
  std::vector<std::string> seats;
  for (const v1::Seat& seat : role.seats()) {
    seats.push_back(
        absl::StrCat(console::Visible(seat.name()), " (", console::Visible(seat.from()), ")"));
  }
  return absl::StrJoin(seats, " and ");
}

nlohmann::json RoleJson(const v1::OfferedRole& role) {
  return {{"target", role.target()},
          {"role", role.role()},
          {"writes", role.writes()},
          {"default_ttl_seconds", role.default_ttl().seconds()},
          {"max_ttl_seconds", role.max_ttl().seconds()},
          {"seats", channel::SeatsJson(role.seats())},
          {"break_glass", role.break_glass()},
          {"break_glass_max_ttl_seconds", role.break_glass()
                                              ? nlohmann::json(role.break_glass_max_ttl().seconds())
                                              : nlohmann::json(nullptr)}};
}

}  // namespace

console::Command RolesCommand(RolesOptions& options, const channel::Connect& connect) {
  return {
      .name = "roles",
      .summary = "list what you may ask for",
      .description =
          "Lists targets and roles with what they let you do, the default and the longest time, "
          "who has to approve, and whether the glass can be broken for it.",
      .options =
          {
              {.name = "--target",
               .value = "NAME",
               .help = "Only on this database.",
               .into = &options.target},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access roles --target shop"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Roles(options, console, broker);
        });
      }};
}

console::ExitCode Roles(const RolesOptions& options, console::Console& console,
                        channel::Broker& broker) {
  v1::ListRolesRequest request;
  request.set_target(options.target);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    nlohmann::json roles = nlohmann::json::array();
    for (const v1::OfferedRole& role : answer->roles()) roles.push_back(RoleJson(role));
    console::PrintJson(console.out, {{"roles", std::move(roles)}});
    return console::ExitCode::kOk;
  }
  console::Table table(
      {"TARGET", "ROLE", "MAY", "DEFAULT", "LONGEST", "BREAK-GLASS", "APPROVED BY"});
  for (const v1::OfferedRole& role : answer->roles()) {
    table.Add({console::Visible(role.target()), console::Visible(role.role()),
               role.writes() ? "change" : "read", Time(role.default_ttl()), Time(role.max_ttl()),
               role.break_glass() ? absl::StrCat("up to ", Time(role.break_glass_max_ttl())) : "no",
               SeatNames(role)});
  }
  table.Print(console.out);
  if (table.empty()) {
    *console.err.stream
        << "There is nothing you may ask for. `jit-access whoami` shows your groups.\n";
  }
  return console::ExitCode::kOk;
}

}  // namespace jit::access
