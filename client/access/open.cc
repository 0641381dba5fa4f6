#include "client/access/open.h"

#include "client/access/obtain.h"
#include "client/access/show_login.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command OpenCommand(OpenOptions& options, const channel::Connect& connect) {
  return {
      .name = "open",
      .summary = "open an approved lease, or give an open one a new password",
      .description =
          "Prints how to connect, as `request` does. On an open lease the login and the deadline "
          "stay as they are and only the password is new: the way back when it was lost. A "
          "lease that still waits for reviews is waited for.",
      .options =
          {
              channel::LeaseOption(&options.lease),
              {.name = "--no-wait",
               .help = "Do not wait for reviews: return 5 (pending).",
               .into = &options.no_wait},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access open aw5nvrvrrlxijqfntz3gzfwx4e --output json"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Open(options, console, broker);
        });
      }};
}

console::ExitCode Open(const OpenOptions& options, console::Console& console,
                       channel::Broker& broker) {
  const Patience patience = options.no_wait ? Patience::kReturn : Patience::kWait;
  const Obtained obtained = OpenById(options.lease, patience, console, broker);
  if (obtained.password.has_value()) ShowAsked(obtained.lease, options.output, console);
  return ShowObtained(obtained, options.output, console);
}

}  // namespace jit::access
