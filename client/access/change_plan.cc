#include <fstream>
#include <iterator>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"
#include "client/console/visible.h"

namespace jit::access {

namespace {

constexpr std::size_t kScriptMax = 1 << 20;

absl::StatusOr<std::string> ReadScript(const std::string& file, console::Console& console) {
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& from = file == "-" ? *console.in : opened;
  if (!from.good()) {
    return absl::InvalidArgumentError(
        absl::StrCat("The script ", console::Visible(file), " cannot be read."));
  }
  std::string script(kScriptMax + 1, '\0');
  from.read(script.data(), static_cast<std::streamsize>(script.size()));
  if (from.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat("The script ", console::Visible(file), " cannot be read."));
  }
  script.resize(static_cast<std::size_t>(from.gcount()));
  if (script.size() > kScriptMax) {
    return absl::InvalidArgumentError(
        "The script is larger than 1 MiB: split it into several changes.");
  }
  if (script.empty()) return absl::InvalidArgumentError("The script is empty.");
  if (!console::IsUtf8(script)) return absl::InvalidArgumentError("The script is not UTF-8.");
  return script;
}

// The role that was named, or the only one there is.
absl::StatusOr<std::string> RoleFor(const ChangePlanOptions& options, channel::Broker& broker) {
  if (!options.role.empty()) return options.role;
  const auto answer = broker.Call(v1::ListRolesRequest());
  if (!answer.ok()) return answer.status();
  std::vector<std::string> roles;
  for (const v1::OfferedChange& offer : answer->changes()) {
    if (offer.target() == options.target) roles.push_back(offer.role());
  }
  if (roles.size() == 1) return roles.front();
  if (roles.empty()) {
    return absl::InvalidArgumentError(
        "No rule lets you plan changes there; `jit-access roles` lists what there is.");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("You may plan changes there as several roles; name one with --role: ",
                   console::Visible(absl::StrJoin(roles, ", ")), "."));
}

console::ExitCode Run(const ChangePlanOptions& options, console::Console& console,
                      channel::Broker& broker) {
  const absl::StatusOr<std::string> script = ReadScript(options.file, console);
  if (!script.ok()) {
    *console.err.stream << "jit-access: " << std::string(script.status().message()) << '\n';
    return console::ExitCode::kUsage;
  }
  const absl::StatusOr<std::string> role = RoleFor(options, broker);
  if (!role.ok()) {
    if (!absl::IsInvalidArgument(role.status())) return channel::Explain(role.status(), console);
    *console.err.stream << "jit-access: " << std::string(role.status().message()) << '\n';
    return console::ExitCode::kUsage;
  }
  v1::PlanChangeRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_target(options.target);
  request.set_role(*role);
  request.set_reason(options.reason);
  request.set_script(*script);
  for (const std::string& each : options.expectations) request.add_expectations(each);
  request.set_unrehearsed(options.unrehearsed);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return ExplainPlanning(answer.status(), console);
  ShowPlanned(answer->change(), options.output, console);
  if (options.no_wait) return ShowOutcome(answer->change(), options.output, console);
  return ShowRehearsed(answer->change(), options.output, console, broker);
}

}  // namespace

console::Command ChangePlanCommand(ChangePlanOptions& options, const channel::Connect& connect) {
  return {
      .name = "change plan",
      .summary = "rehearse a script, and see what it would do",
      .description =
          "Sends the script to the broker, which reads it, runs it on the target with a login "
          "made for it, and rolls it back. Its id is printed first. Then comes what it did: each "
          "statement with its rows and findings, rows per table with those by cascade and trigger "
          "apart, some rows before and after, locks, and what undo could not bring back. Nothing "
          "is changed.\n\n"
          "What you expect may be said with --expect, or in a comment at the head of the script "
          "(`-- expect: orders=1`). Without it the rehearsed counts are what applying it has to "
          "meet. Ctrl-C stops the waiting, not the rehearsal.",
      .options =
          {
              {.name = "FILE",
               .help = "The script, at most 1 MiB of UTF-8; - reads standard input.",
               .into = &options.file,
               .need = console::Need::kRequired},
              channel::TargetOption(&options.target),
              {.name = "--role",
               .value = "NAME",
               .help = "The role it runs with. Without it, the only one you may ask for there.",
               .into = &options.role},
              {.name = "--reason",
               .value = "TEXT",
               .help = "Why, in a sentence that a reviewer can judge; at most 1,024 bytes.",
               .into = &options.reason,
               .need = console::Need::kRequired},
              {.name = "--expect",
               .value = "COUNT",
               .help = "What has to hold, or nothing is committed: orders=1, "
                       "shop.orders.deleted=0..5, or #2=100+-5% for the second statement. May be "
                       "given more than once.",
               .into = &options.expectations},
              {.name = "--unrehearsed",
               .help = "It cannot run in a transaction; policy has to allow that.",
               .into = &options.unrehearsed},
              {.name = "--no-wait",
               .help = "Do not wait for the rehearsal: print the id and return 5 (pending).",
               .into = &options.no_wait},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access change plan fix.sql --target shop --reason 'INC-4711 paid twice' \\",
                   "    --expect orders.updated=1",
                   "jit-access change plan - --target shop --reason 'INC-4711' <fix.sql"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access
