#include "client/access/connect.h"

#include "absl/strings/str_cat.h"
#include "client/access/obtain.h"
#include "client/access/use_login.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

using console::ExitCode;

namespace {

ExitCode Mistake(console::Console& console, absl::string_view sentence) {
  *console.err.stream << "jit-access: " << sentence << '\n';
  return ExitCode::kUsage;
}

// The caller's one lease that is open or could be; empty when there are none or several, which are
// shown then.
absl::StatusOr<std::string> OnlyLease(console::Console& console, channel::Broker& broker) {
  v1::ListLeasesRequest request;
  request.set_mine(true);
  for (const auto state : {v1::Lease::STATE_REQUESTED, v1::Lease::STATE_APPROVED,
                           v1::Lease::STATE_OPENING, v1::Lease::STATE_OPEN}) {
    request.add_states(state);
  }
  const auto answer = broker.Call(request);
  if (!answer.ok()) return answer.status();
  if (answer->leases_size() == 1) return answer->leases(0).id();
  channel::LeaseTable(answer->leases(), console.now()).Print(console.err);
  return std::string();
}

// By id; else by role, as `request` would; else the only lease there is.
ExitCode ObtainFor(const ConnectOptions& options, console::Console& console,
                   channel::Broker& broker, Obtained& obtained) {
  if (!options.role.empty()) {
    const Wish wish = {options.target, options.role, options.reason, options.ttl, {}};
    obtained = AskAndOpen(
        wish, Patience::kWait,
        [&](const v1::Lease& lease) {
          *console.err.stream << "Lease " << console::Visible(lease.id()) << '\n';
        },
        console, broker);
    return obtained.code;
  }
  std::string lease = options.lease;
  if (lease.empty()) {
    const absl::StatusOr<std::string> only = OnlyLease(console, broker);
    if (!only.ok()) return channel::Explain(only.status(), console);
    if (only->empty()) {
      return Mistake(console,
                     "Name the lease: `jit-access connect ID`, or ask for one with --target, "
                     "--role and --reason.");
    }
    lease = *only;
  }
  obtained = OpenById(lease, Patience::kWait, console, broker);
  return obtained.code;
}

}  // namespace

console::Command ConnectCommand(ConnectOptions& options, const channel::Connect& connect) {
  return {
      .name = "connect",
      .summary = "start psql on a lease, and give the lease back afterwards",
      .description =
          "Opens the lease if it is not open, makes a new password for it, and starts psql with "
          "the password in a private file that is removed when psql ends. psql shows up on the "
          "server as `jit-access ID`. Five minutes and one minute before the deadline a "
          "warning is printed. When psql ends the lease is given back, unless --keep is "
          "given.\n\n"
          "Without ID and without --role, your only waiting or open lease is meant. With --role "
          "a lease is asked for first, as `jit-access request` does. What follows -- goes to "
          "psql. Once psql has started, its exit status is the answer.",
      .options =
          {
              {.name = "ID", .help = "The lease.", .into = &options.lease},
              {.name = "--target",
               .value = "NAME",
               .help = "With --role: the database.",
               .into = &options.target},
              {.name = "--role",
               .value = "NAME",
               .help = "Ask for this role.",
               .into = &options.role},
              {.name = "--reason",
               .value = "TEXT",
               .help = "With --role: why.",
               .into = &options.reason},
              {.name = "--ttl",
               .value = "TIME",
               .help = "With --role: how long.",
               .into = &options.ttl},
              {.name = "--keep",
               .help = "Leave the lease open when psql ends.",
               .into = &options.keep},
              {.name = "--psql",
               .value = "FILE",
               .help = "The program to start instead of psql.",
               .into = &options.psql},
          },
      .rest = &options.psql_arguments,
      .rest_name = "PSQL-ARGUMENTS",
      .examples =
          {
              "jit-access connect",
              "jit-access connect aw5nvrvrrlxijqfntz3gzfwx4e -- -c 'select 1'",
              "jit-access connect --target shop --role reader --reason 'look at INC-4711'",
          },
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Connect(options, console, broker);
        });
      }};
}

ExitCode Connect(const ConnectOptions& options, console::Console& console,
                 channel::Broker& broker) {
  if (!options.lease.empty() && !options.role.empty()) {
    return Mistake(console, "Give either a lease or --role, not both.");
  }
  if (!options.role.empty() && (options.target.empty() || options.reason.empty())) {
    return Mistake(console, "--role needs --target and --reason.");
  }
  if (options.role.empty() &&
      (!options.target.empty() || !options.reason.empty() || options.ttl.has_value())) {
    return Mistake(console, "--target, --reason and --ttl make sense with --role only.");
  }
  Obtained obtained;
  const ExitCode code = ObtainFor(options, console, broker, obtained);
  if (code != ExitCode::kOk) return code;
  std::vector<std::string> program = {options.psql};
  program.insert(program.end(), options.psql_arguments.begin(), options.psql_arguments.end());
  return UseLogin(obtained, program, options.keep ? Afterwards::kKeep : Afterwards::kGiveBack,
                  console, broker);
}

}  // namespace jit::access
