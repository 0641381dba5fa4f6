#include "client/access/break_glass.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/access/obtain.h"
#include "client/access/show_login.h"
#include "client/channel/options.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"
#include "client/console/visible.h"

namespace jit::access {

using console::ExitCode;
using console::Need;

namespace {

// Whether somebody means it: the target's name typed on a terminal, or the long flag in a script.
bool Confirmed(const BreakGlassOptions& options, console::Console& console) {
  std::ostream& err = *console.err.stream;
  const std::string target = console::Visible(options.target);
  err << console::Styled(console.err, console::Style::kAlarm, " BREAK-GLASS ") << " "
      << console::Visible(options.role) << " on " << target << ", without anybody's approval.\n"
      << "Every approver is told at once. Somebody else must review it, and until then you get no\n"
      << "second one and no lease that writes.\n";
  if (options.yes_this_is_an_emergency) return true;
  const std::optional<std::string> typed =
      console::Ask(console, absl::StrCat("Type the name of the target (", target, ") to go on: "));
  if (typed == options.target) return true;
  err << (typed.has_value() ? "That is not the name. Nothing was done.\n"
                            : "There is nobody to ask here. Nothing was done. In a script, say "
                              "--yes-this-is-an-emergency.\n");
  return false;
}

}  // namespace

console::Command BreakGlassCommand(BreakGlassOptions& options, const channel::Connect& connect) {
  return {.name = "break-glass",
          .summary = "open at once in an emergency, and owe a review",
          .description =
              "Opens a login without any approval, where policy offers that to you. It is shown to "
              "every approver, first and on every command, until somebody else has reviewed it "
              "with `jit-approve review`. Until then you get no second break-glass and no lease "
              "that writes. The login, its deadline and its record are those of any other lease.",
          .options =
              {
                  channel::TargetOption(&options.target),
                  channel::RoleOption(&options.role),
                  {.name = "--reason",
                   .value = "TEXT",
                   .help = "What the emergency is.",
                   .into = &options.reason,
                   .need = Need::kRequired},
                  {.name = "--incident",
                   .value = "ID",
                   .help = "The incident it belongs to; at most 128 bytes.",
                   .into = &options.incident},
                  {.name = "--ttl",
                   .value = "TIME",
                   .help = "How long: 15m, 1h. Without it, the longest that the rule allows.",
                   .into = &options.ttl},
                  {.name = "--keyless",
                   .value = "SCHEMA.TABLE",
                   .help = "A table without a primary key that you mean to change, for whoever "
                           "reviews it: what you change there cannot be put back. May be given "
                           "more than once.",
                   .into = &options.keyless},
                  {.name = "--yes-this-is-an-emergency",
                   .help = "Do not ask. For scripts, where there is no terminal.",
                   .into = &options.yes_this_is_an_emergency},
                  console::OutputOption(&options.output),
              },
          .examples =
              {
                  "jit-access break-glass --target shop --role writer --incident INC-4712 \\",
                  "    --reason 'checkout is down, a lock has to go'",
              },
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return BreakGlass(options, console, broker);
            });
          }};
}

ExitCode BreakGlass(const BreakGlassOptions& options, console::Console& console,
                    channel::Broker& broker) {
  if (!Confirmed(options, console)) return ExitCode::kNotConfirmed;
  absl::StatusOr<NewPassword> password = MakePassword(console);
  if (!password.ok()) return channel::Explain(password.status(), console);
  v1::BreakGlassRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_target(options.target);
  request.set_role(options.role);
  request.set_reason(options.reason);
  request.set_incident(options.incident);
  for (const std::string& table : options.keyless) request.add_keyless(table);
  if (options.ttl.has_value()) *request.mutable_ttl() = channel::ToProto(*options.ttl);
  request.set_scram_verifier(password->scram_verifier);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return ExplainFiling(answer.status(), console);
  ShowAsked(answer->lease(), options.output, console);
  const Obtained obtained =
      Follow(answer->lease(), *std::move(password), Patience::kWait, console, broker);
  const ExitCode code = ShowObtained(obtained, options.output, console);
  *console.err.stream << "You owe a review. Ask an approver: `jit-approve review "
                      << console::Visible(obtained.lease.id()) << "`.\n";
  return code;
}

}  // namespace jit::access
