// jit-broker: the list of its commands. What each one does is in broker/commands.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "broker/commands/check.h"
#include "broker/commands/dev.h"
#include "broker/commands/policy.h"
#include "broker/commands/remote.h"
#include "broker/commands/serve.h"
#include "broker/commands/target.h"
#include "broker/completion.h"
#include "broker/daemon/version.h"

namespace {

using jit::commands::ExitCode;

constexpr char kAbout[] = R"(jit-broker hands out short-lived PostgreSQL logins.

A person asks with jit-access, a second person agrees with jit-approve where
the policy wants one, and the login is gone at its deadline together with
every session.)";

constexpr char kFooter[] = R"(
Examples:
  jit-broker dev --dir /tmp/jit              try everything on this machine
  jit-broker check --config broker.toml      look before serving
  jit-broker serve --config broker.toml
  jit-broker policy test --policy policies

Exit status: 0 done, 1 failed (a file, a socket, a target), 2 the command line
does not make sense, 3 refused (a check, a case or a rule says no).
jit-broker COMMAND --help says more. docs/operator.md is the operator's guide.)";

constexpr char kServeFooter[] = R"(
SIGHUP reads the policy, the deny list and the certificates again; what is not
good leaves the old one in force, and the log says why. SIGTERM waits at most
five seconds for calls that have begun; what remains is finished by the first
sweep of the next start. Leases stay open while no broker runs, and end at
their deadline without one.

Example:
  jit-broker serve --config /etc/jit-access/broker.toml)";

constexpr char kDevFooter[] = R"(
Makes a certificate authority, certificates for everybody in the policy, a
journal, and the kit in the target; the second run with the same folder uses
them again. Without --target it starts a PostgreSQL of its own: in that
folder, on a free port, never as root, stopped with it. Without --policy the
people are engineer, peer, reviewer, oncall and manager. Leases may be as
short as ten seconds. Not for production: the authority's key lies in the
folder.

Examples:
  jit-broker dev --dir /tmp/jit
  . /tmp/jit/engineer.env
  jit-access request --target dev --role reader --reason hello
  jit-broker dev --dir /tmp/jit --policy policies \
      --target 'host=/run/postgresql dbname=shop'

A password for --target belongs into a passfile (passfile=FILE), not on the
command line.)";

constexpr char kCheckFooter[] = R"(
Looks at the boot file, the certificates and keys, the policy and its cases,
the journal, and at every target from inside. Changes nothing, so it can run
beside a broker that serves.

Example:
  jit-broker check --config /etc/jit-access/broker.toml)";

constexpr char kTestFooter[] = R"(
Cases stand in TARGET.cases.toml beside TARGET.toml; policies/README.md says
how they are written.

Example:
  jit-broker policy test --policy policies)";

constexpr char kExplainFooter[] = R"(
Examples:
  jit-broker policy explain --policy policies --person engineer \
      --target shop --role writer
  jit-broker policy explain --policy policies --person oncall \
      --target shop --role writer --break-glass
  jit-broker policy explain --policy policies --person engineer \
      --target shop --role writer --change script)";

constexpr char kReloadFooter[] = R"(
Only an operator may. A policy with a mistake is not taken: the old one stays
in force, and every mistake is printed.

Example:
  . D/oncall.env && jit-broker policy reload)";

constexpr char kKitFooter[] = R"(
An administrator of the database reads it and runs it there, once per version
of the kit:

  jit-broker target sql --group shop_reader --group shop_writer |
      psql -X -v ON_ERROR_STOP=1 -d shop)";

constexpr char kDoctorFooter[] = R"(
Example:
  jit-broker target doctor --config broker.toml --target shop)";

constexpr char kExportFooter[] = R"(
With --out FILE the signed head of the journal lies in FILE.checkpoint beside
it, and `jit-audit verify FILE` checks one against the other, anywhere,
without a broker. Give either a running broker (--broker and a certificate of
an auditor, or the JIT_ variables) or the boot file of a stopped one
(--config).

Examples:
  jit-broker journal export --config broker.toml --out journal.jsonl
  . D/manager.env && jit-broker journal export --out journal.jsonl)";

void AddRemote(CLI::App& command, jit::commands::RemoteOptions& remote) {
  command.add_option("--broker", remote.broker, "host:port of the broker")
      ->type_name("HOST:PORT")
      ->envname("JIT_BROKER");
  command.add_option("--cert", remote.certificate, "your certificate, PEM")
      ->type_name("FILE")
      ->envname("JIT_CERT");
  command.add_option("--key", remote.key, "its private key, PEM")
      ->type_name("FILE")
      ->envname("JIT_KEY");
  command.add_option("--ca", remote.authorities, "who vouches for the broker, PEM")
      ->type_name("FILE")
      ->envname("JIT_CA");
}

void AddOutput(CLI::App& command, jit::commands::Output& output) {
  using jit::commands::Output;
  static const std::map<std::string, Output> words = {{"text", Output::kText},
                                                      {"json", Output::kJson}};
  command.add_option("--output", output, "how to print the answer: text or json")
      ->transform(CLI::CheckedTransformer(words).description(""))
      ->option_text("text|json");
}

// Everything typed, wherever it belongs.
struct Typed {
  jit::commands::ServeOptions serve;
  jit::commands::DevOptions dev;
  jit::commands::CheckOptions check;
  bool offline = false;
  std::string policy;
  jit::commands::Output policy_output = jit::commands::Output::kText;
  jit::commands::ExplainOptions explain;
  bool break_glass = false;
  jit::commands::RemoteOptions reload;
  jit::commands::KitPrint kit;
  bool neighbour = false;
  jit::commands::DoctorOrder doctor;
  jit::commands::ExportOptions journal;
};

void AddDaemon(CLI::App& app, Typed& typed, ExitCode& exit) {
  CLI::App* serve = app.add_subcommand("serve", "serve people until told to stop");
  serve->add_option("--config", typed.serve.config, "the boot file")->type_name("FILE")->required();
  serve->footer(kServeFooter);
  serve->callback([&] { exit = jit::commands::Serve(typed.serve); });

  CLI::App* dev = app.add_subcommand("dev", "everything on this machine, in one folder");
  dev->add_option("--dir", typed.dev.folder, "the folder; made when missing")
      ->type_name("DIR")
      ->required();
  dev->add_option("--target", typed.dev.target, "conninfo of an administrator of a database")
      ->type_name("CONNINFO");
  dev->add_option("--policy", typed.dev.policy, "a policy folder with one target")
      ->type_name("DIR");
  dev->add_option("--listen", typed.dev.listen, "address:port to serve on")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  dev->footer(kDevFooter);
  dev->callback([&] { exit = jit::commands::Develop(typed.dev); });

  CLI::App* check = app.add_subcommand("check", "whether a broker with this boot file would serve");
  check->add_option("--config", typed.check.config, "the boot file")->type_name("FILE")->required();
  check->add_flag("--offline", typed.offline, "leave the targets out");
  AddOutput(*check, typed.check.output);
  check->footer(kCheckFooter);
  check->callback([&] {
    using jit::commands::Reach;
    typed.check.reach = typed.offline ? Reach::kFilesOnly : Reach::kTargetsToo;
    exit = jit::commands::Check(typed.check);
  });
}

void AddPolicy(CLI::App& app, Typed& typed, ExitCode& exit) {
  CLI::App* policy = app.add_subcommand("policy", "test, explain, reload");
  policy->require_subcommand(1);

  CLI::App* test = policy->add_subcommand("test", "run the cases beside the policy");
  test->add_option("--policy", typed.policy, "the policy folder")->type_name("DIR")->required();
  AddOutput(*test, typed.policy_output);
  test->footer(kTestFooter);
  test->callback([&] { exit = jit::commands::TestPolicy(typed.policy, typed.policy_output); });

  CLI::App* explain = policy->add_subcommand("explain", "say which rule decides, and why");
  explain->add_option("--policy", typed.explain.folder, "the policy folder")
      ->type_name("DIR")
      ->required();
  explain->add_option("--person", typed.explain.person, "who would ask")
      ->type_name("NAME")
      ->required();
  explain->add_option("--target", typed.explain.target, "for what target")
      ->type_name("NAME")
      ->required();
  explain->add_option("--role", typed.explain.role, "for what role")->type_name("NAME")->required();
  explain->add_option("--ttl", typed.explain.ttl, "for how long: 90s, 30m, 4h")->type_name("TIME");
  explain->add_flag("--break-glass", typed.break_glass, "in an emergency");
  explain
      ->add_option("--change", typed.explain.change,
                   "change: script, unrehearsed, undo or drop_for_good")
      ->type_name("PURPOSE");
  AddOutput(*explain, typed.explain.output);
  explain->footer(kExplainFooter);
  explain->callback([&] {
    using Way = jit::commands::ExplainOptions::Way;
    typed.explain.way = typed.break_glass ? Way::kBreakGlass : Way::kOrdinary;
    exit = jit::commands::ExplainPolicy(typed.explain);
  });

  CLI::App* reload = policy->add_subcommand("reload", "have a running broker read it again");
  AddRemote(*reload, typed.reload);
  reload->footer(kReloadFooter);
  reload->callback([&] { exit = jit::commands::ReloadPolicy(typed.reload); });
}

void AddRest(CLI::App& app, Typed& typed, ExitCode& exit) {
  CLI::App* target = app.add_subcommand("target", "what a database needs");
  target->require_subcommand(1);
  CLI::App* sql = target->add_subcommand("sql", "print the kit for the DBA to read and run");
  sql->add_option("--broker", typed.kit.broker, "the broker's login")
      ->type_name("ROLE")
      ->capture_default_str();
  sql->add_option("--owner", typed.kit.owners, "a role whose tables may be guarded; repeat it")
      ->type_name("ROLE");
  sql->add_option("--group", typed.kit.groups, "a group that leases may be members of; repeat it")
      ->type_name("ROLE");
  sql->add_option("--longest", typed.kit.longest, "the longest any lease may live: 8h")
      ->type_name("TIME");
  sql->add_flag("--neighbour", typed.neighbour, "the part for other databases of the cluster");
  sql->footer(kKitFooter);
  sql->callback([&] {
    using Part = jit::commands::KitPrint::Part;
    typed.kit.part = typed.neighbour ? Part::kNeighbour : Part::kTarget;
    exit = jit::commands::PrintKit(typed.kit);
  });
  CLI::App* doctor = target->add_subcommand("doctor", "prove every right, name every danger");
  doctor->add_option("--config", typed.doctor.config, "the boot file")
      ->type_name("FILE")
      ->required();
  doctor->add_option("--target", typed.doctor.target, "only this one")->type_name("NAME");
  doctor
      ->add_option("--administrator", typed.doctor.administrator,
                   "conninfo of a superuser, to see more")
      ->type_name("CONNINFO");
  AddOutput(*doctor, typed.doctor.output);
  doctor->footer(kDoctorFooter);
  doctor->callback([&] { exit = jit::commands::ExamineTargets(typed.doctor); });

  CLI::App* journal = app.add_subcommand("journal", "the record of what happened");
  journal->require_subcommand(1);
  CLI::App* out = journal->add_subcommand("export", "write the journal's records, one line each");
  AddRemote(*out, typed.journal.remote);
  out->add_option("--config", typed.journal.config, "the boot file of a stopped broker")
      ->type_name("FILE");
  out->add_option("--out", typed.journal.out, "FILE, and FILE.checkpoint; else stdout")
      ->type_name("FILE");
  out->footer(kExportFooter);
  out->callback([&] { exit = jit::commands::ExportJournal(typed.journal); });

  CLI::App* completion = app.add_subcommand("completion", "print a completion script for a shell");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "source <(jit-broker completion bash)")->callback([&app] {
    std::fputs(jit::BashCompletion(app).c_str(), stdout);
  });
  completion->add_subcommand("zsh", "source <(jit-broker completion zsh)")->callback([&app] {
    std::fputs(jit::ZshCompletion(app).c_str(), stdout);
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(kAbout, "jit-broker");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("jit-broker ") + jit::daemon::kVersion);
  Typed typed;
  ExitCode exit = ExitCode::kOk;
  AddDaemon(app, typed, exit);
  AddPolicy(app, typed, exit);
  AddRest(app, typed, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    app.exit(wrong);
    return static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(exit);
}
