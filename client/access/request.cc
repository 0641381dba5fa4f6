#include "client/access/request.h"

#include "client/access/obtain.h"
#include "client/access/show_login.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

using console::Need;

console::Command RequestCommand(RequestOptions& options, const channel::Connect& connect) {
  return {.name = "request",
          .summary = "ask for a login, wait for it, open it",
          .description =
              "Files a lease for one role on one target. Its id is printed first. When the role "
              "demands reviews, the command waits for them; Ctrl-C stops the waiting, not the "
              "lease. Then the login is opened with a password made on this machine, and printed "
              "once.\n\n"
              "With --output json one object is printed at the end: the lease, with the keys "
              "lease, state, login, password, host, port, database and expire_time among others.",
          .options =
              {
                  channel::TargetOption(&options.target),
                  channel::RoleOption(&options.role),
                  {.name = "--reason",
                   .value = "TEXT",
                   .help = "Why, in a sentence that a reviewer can judge; at most 1,024 bytes.",
                   .into = &options.reason,
                   .need = Need::kRequired},
                  {.name = "--ttl",
                   .value = "TIME",
                   .help = "How long the login shall work: 90s, 30m, 8h, 1d. Without it, the "
                           "role's default.",
                   .into = &options.ttl},
                  {.name = "--keyless",
                   .value = "SCHEMA.TABLE",
                   .help = "A table without a primary key that you have to change. What you change "
                           "there cannot be put back, so the approver has to accept it by name. "
                           "May be given more than once.",
                   .into = &options.keyless},
                  {.name = "--no-wait",
                   .help = "Do not wait for reviews: print the id and return 5 (pending).",
                   .into = &options.no_wait},
                  console::OutputOption(&options.output),
              },
          .examples =
              {
                  "jit-access request --target shop --role reader --reason 'INC-4711 orphans'",
                  "jit-access request --target shop --role writer --ttl 30m --no-wait \\",
                  "    --reason 'INC-4711 mark orphaned invoices' --output json",
              },
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return Request(options, console, broker);
            });
          }};
}

console::ExitCode Request(const RequestOptions& options, console::Console& console,
                          channel::Broker& broker) {
  const Wish wish = {options.target, options.role, options.reason, options.ttl, options.keyless};
  const Patience patience = options.no_wait ? Patience::kReturn : Patience::kWait;
  const Obtained obtained = AskAndOpen(
      wish, patience, [&](const v1::Lease& lease) { ShowAsked(lease, options.output, console); },
      console, broker);
  return ShowObtained(obtained, options.output, console);
}

}  // namespace jit::access
