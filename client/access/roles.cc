#include "client/access/roles.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/show_report.h"
#include "client/channel/with_broker.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

namespace {

std::string Time(const google::protobuf::Duration& duration) {
  return console::ExactDuration(channel::ToDuration(duration));
}

std::string SeatNames(const google::protobuf::RepeatedPtrField<v1::Seat>& seats,
                      absl::string_view none) {
  if (seats.empty()) return std::string(none);
  return absl::StrJoin(seats, " and ", [](std::string* out, const v1::Seat& seat) {
    absl::StrAppend(out, console::Visible(seat.name()), " (", console::Visible(seat.from()), ")");
  });
}

std::string May(const v1::OfferedRole& role) {
  if (role.defines()) return "change, alter";
  return role.writes() ? "change" : "read";
}

nlohmann::json RoleJson(const v1::OfferedRole& role) {
  return {{"target", role.target()},
          {"role", role.role()},
          {"writes", role.writes()},
          {"defines", role.defines()},
          {"default_ttl_seconds", role.default_ttl().seconds()},
          {"max_ttl_seconds", role.max_ttl().seconds()},
          {"seats", channel::SeatsJson(role.seats())},
          {"break_glass", role.break_glass()},
          {"break_glass_max_ttl_seconds", role.break_glass()
                                              ? nlohmann::json(role.break_glass_max_ttl().seconds())
                                              : nlohmann::json(nullptr)}};
}

nlohmann::json ChangeJson(const v1::OfferedChange& change) {
  return {{"target", change.target()},
          {"role", change.role()},
          {"defines", change.defines()},
          {"seats", channel::SeatsJson(change.seats())},
          {"unrehearsed", change.unrehearsed()}};
}

void PrintRoles(const v1::ListRolesResponse& answer, console::Console& console) {
  console::Table table(
      {"TARGET", "ROLE", "MAY", "DEFAULT", "LONGEST", "BREAK-GLASS", "APPROVED BY"});
  for (const v1::OfferedRole& role : answer.roles()) {
    table.Add({console::Visible(role.target()), console::Visible(role.role()), May(role),
               Time(role.default_ttl()), Time(role.max_ttl()),
               role.break_glass() ? absl::StrCat("up to ", Time(role.break_glass_max_ttl())) : "no",
               SeatNames(role.seats(), "nobody: opens at once")});
  }
  table.Print(console.out);
}

void PrintChanges(const v1::ListRolesResponse& answer, console::Console& console) {
  if (answer.changes().empty()) return;
  channel::PrintHeading(console.out, "As guarded changes, with `jit-access change plan`");
  console::Table table({"TARGET", "ROLE", "MAY", "UNREHEARSED", "APPROVED BY"});
  for (const v1::OfferedChange& change : answer.changes()) {
    table.Add({console::Visible(change.target()), console::Visible(change.role()),
               change.defines() ? "change, alter" : "change",
               change.unrehearsed() ? "allowed" : "no", SeatNames(change.seats(), "nobody")});
  }
  table.Print(console.out);
}

}  // namespace

console::Command RolesCommand(RolesOptions& options, const channel::Connect& connect) {
  return {
      .name = "roles",
      .summary = "list what you may ask for",
      .description =
          "Lists targets and roles with what they let you do, the default and the longest time, "
          "who has to approve, and whether the glass can be broken for it; then as what you may "
          "plan guarded changes.",
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
    nlohmann::json changes = nlohmann::json::array();
    for (const v1::OfferedChange& change : answer->changes()) {
      changes.push_back(ChangeJson(change));
    }
    console::PrintJson(console.out, {{"roles", std::move(roles)}, {"changes", std::move(changes)}});
    return console::ExitCode::kOk;
  }
  PrintRoles(*answer, console);
  PrintChanges(*answer, console);
  if (answer->roles().empty() && answer->changes().empty()) {
    *console.err.stream
        << "There is nothing you may ask for. `jit-access whoami` shows your groups.\n";
  }
  return console::ExitCode::kOk;
}

}  // namespace jit::access
