#include "client/access/run.h"

#include "client/access/obtain.h"
#include "client/access/use_login.h"
#include "client/channel/options.h"
#include "client/channel/with_broker.h"

namespace jit::access {

console::Command RunCommand(RunOptions& options, const channel::Connect& connect) {
  return {
      .name = "run",
      .summary = "run any program on a lease, and give the lease back afterwards",
      .description =
          "Does what `connect` does, for any client that reads PostgreSQL's variables: PGHOST, "
          "PGPORT, PGDATABASE, PGUSER, PGAPPNAME, and PGPASSFILE with the password in a private "
          "file. JIT_LEASE holds the lease's id. The program's exit status is the answer.",
      .options =
          {
              channel::LeaseOption(&options.lease),
              {.name = "--keep",
               .help = "Leave the lease open when the program ends.",
               .into = &options.keep},
          },
      .rest = &options.program,
      .rest_name = "PROGRAM ARGUMENTS",
      .rest_need = console::Need::kRequired,
      .examples =
          {
              "jit-access run aw5nvrvrrlxijqfntz3gzfwx4e -- pg_dump --table orders",
              "jit-access run aw5nvrvrrlxijqfntz3gzfwx4e --keep -- python3 fix.py",
          },
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

console::ExitCode Run(const RunOptions& options, console::Console& console,
                      channel::Broker& broker) {
  const Obtained obtained = OpenById(options.lease, Patience::kWait, console, broker);
  if (obtained.code != console::ExitCode::kOk) return obtained.code;
  return UseLogin(obtained, options.program,
                  options.keep ? Afterwards::kKeep : Afterwards::kGiveBack, console, broker);
}

}  // namespace jit::access
