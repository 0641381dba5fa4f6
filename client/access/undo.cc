#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "client/access/change_commands.h"
#include "client/access/follow_change.h"
#include "client/channel/with_broker.h"
#include "client/console/duration.h"

namespace jit::access {

namespace {

absl::StatusOr<std::optional<absl::Time>> SinceOf(const std::string& text, absl::Time now) {
  if (text.empty()) return std::nullopt;
  absl::Time time;
  std::string error;
  if (absl::StrContains(text, 'T') && absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return time;
  }
  const absl::StatusOr<absl::Duration> ago = console::ParseDuration(text);
  if (!ago.ok()) return ago.status();
  return now - *ago;
}

console::ExitCode Run(const UndoOptions& options, console::Console& console,
                      channel::Broker& broker) {
  const absl::StatusOr<std::optional<absl::Time>> since = SinceOf(options.since, console.now());
  if (!since.ok()) {
    *console.err.stream << "jit-access: --since: " << std::string(since.status().message()) << '\n';
    return console::ExitCode::kUsage;
  }
  v1::PlanUndoRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  request.set_reason(options.reason);
  if (since->has_value()) {
    request.mutable_since()->set_seconds(absl::ToUnixSeconds(**since));
  }
  for (const std::string& table : options.tables) request.add_tables(table);
  request.set_on_conflict(OnConflictOf(options.on_conflict));
  const auto answer = broker.Call(request);
  if (!answer.ok()) return ExplainPlanning(answer.status(), console);
  ShowPlanned(answer->change(), options.output, console);
  return GoThroughWithUndo(answer->change(), options.plan ? UndoStop::kAfterPlan : UndoStop::kNever,
                           options.output, console, broker);
}

}  // namespace

console::Command UndoCommand(UndoOptions& options, const channel::Connect& connect) {
  return {.name = "undo",
          .summary = "take back what the holder of a lease did",
          .description =
              "Plans a change that puts the rows back as they were before the lease's statements, "
              "newest first, and rehearses it. With --plan that is all. Without it the undo is "
              "submitted, and applied at once when policy demands no seat for it. Conflicts are "
              "handled as `jit-access change undo` does.",
          .options =
              {
                  {.name = "ID",
                   .help = "The lease, open or over.",
                   .into = &options.lease,
                   .need = console::Need::kRequired},
                  {.name = "--reason",
                   .value = "TEXT",
                   .help = "Why; at most 1,024 bytes.",
                   .into = &options.reason,
                   .need = console::Need::kRequired},
                  {.name = "--since",
                   .value = "WHEN",
                   .help = "Only from here on: 15m for so long ago, or 2026-11-21T15:00:00Z.",
                   .into = &options.since},
                  {.name = "--table",
                   .value = "NAME",
                   .help = "Only this table. May be given more than once.",
                   .into = &options.tables},
                  {.name = "--plan", .help = "Only rehearse it.", .into = &options.plan},
                  {.name = "--on-conflict",
                   .value = "WHAT",
                   .help = "What to do with rows that were changed since.",
                   .into = &options.on_conflict,
                   .choices = {"refuse", "skip", "overwrite"}},
                  console::OutputOption(&options.output),
              },
          .examples = {"jit-access undo aw5nvrvrrlxijqfntz3gzfwx4e --since 15m --plan \\",
                       "    --table shop.orders --reason 'ran it on the wrong customers'"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return Run(options, console, broker);
            });
          }};
}

}  // namespace jit::access
