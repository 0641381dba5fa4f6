#include "client/access/status.h"

#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"

namespace jit::access {

console::Command StatusCommand(StatusOptions& options, const channel::Connect& connect) {
  return {.name = "status",
          .summary = "show one lease, its state as the first word",
          .description =
              "Prints the state of a lease as the first word of the first line (requested, "
              "approved, denied, withdrawn, lapsed, opening, open, closing, off, closed), then "
              "everything else there is to know.",
          .options =
              {
                  channel::LeaseOption(&options.lease),
                  {.name = "--exit-code",
                   .help = "Return 0 when it is open, 5 while it waits, 4 when it was denied, 6 "
                           "when it is over, 1 when the target failed; without this flag 0 "
                           "whenever it could be read.",
                   .into = &options.exit_code},
                  console::OutputOption(&options.output),
              },
          .examples = {"jit-access status aw5nvrvrrlxijqfntz3gzfwx4e"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return Status(options, console, broker);
            });
          }};
}

console::ExitCode Status(const StatusOptions& options, console::Console& console,
                         channel::Broker& broker) {
  v1::GetLeaseRequest request;
  request.set_lease_id(options.lease);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  const v1::Lease& lease = answer->lease();
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, channel::LeaseJson(lease));
  } else {
    *console.out.stream << channel::StateWord(lease.state()) << '\n';
    console::PrintFields(console.out, channel::LeaseFields(lease, console.now()));
  }
  return options.exit_code ? channel::ExitCodeFor(lease) : console::ExitCode::kOk;
}

}  // namespace jit::access
