#include "client/audit/answers.h"
#include "client/audit/commands.h"
#include "client/console/version.h"

namespace jit::audit {
namespace {

using console::Command;
using console::Console;
using console::Need;
using console::Option;

constexpr char kFileHelp[] =
    "An exported journal (`jit-broker journal export --out FILE`), or a copy of the broker's "
    "SQLite store with everything that lies beside it (-wal).";

Option FileArgument(Typed& typed) {
  return {.name = "FILE", .help = kFileHelp, .into = &typed.file, .need = Need::kRequired};
}

Option LeaseOption(Typed& typed, const char* help) {
  return {.name = "--lease", .value = "ID", .help = help, .into = &typed.lease};
}

Option ChangeOption(Typed& typed, const char* help) {
  return {.name = "--change", .value = "ID", .help = help, .into = &typed.change};
}

Command VerifyCommand(Typed& typed) {
  return {
      .name = "verify",
      .summary = "check a journal against what its broker has signed",
      .description =
          "Reads every record and checks that each is in its one canonical form, that none is "
          "missing, repeated, moved or added, and that together they have the Merkle root that "
          "the broker signed. Checks every review again: the reviewer's signature, that it "
          "covers exactly what the journal says was asked for and decided, that nobody decided "
          "on their own lease or change, and that nothing was opened or applied without the "
          "reviews it needed.\n\n"
          "Compares with every checkpoint it is given: the one named with --checkpoint, which "
          "you kept from an earlier day, and the one beside the journal (FILE.checkpoint, or in "
          "the store). A history that was rewritten as a whole, and signed again by somebody who "
          "holds the broker's key, is found only by a checkpoint you kept yourself.\n\n"
          "Give --authorities to have the reviewers' certificates checked too. Which "
          "certificate belongs to which person is not in the journal: the signers are listed, "
          "to be compared with the directory.",
      .options = {FileArgument(typed),
                  {.name = "--key",
                   .value = "KEY",
                   .help = "The broker's verifier key (name+id+key), or @FILE to read it from a "
                           "file. Get it once, from the operator and not with the journal.",
                   .into = &typed.key,
                   .need = Need::kRequired},
                  {.name = "--checkpoint",
                   .value = "NOTEFILE",
                   .help = "A signed checkpoint that you kept from before.",
                   .into = &typed.checkpoint},
                  {.name = "--authorities",
                   .value = "PEMFILE",
                   .help = "Certificates of the authorities that issue reviewers' certificates.",
                   .into = &typed.authorities}},
      .examples = {"jit-audit verify journal.jsonl --key @broker.vkey",
                   "jit-audit verify journal.jsonl --key @broker.vkey \\\n      --checkpoint "
                   "2026-06-30.note",
                   "jit-audit verify journal.db --key @broker.vkey --authorities ca.pem \\\n"
                   "      --output json"},
      .run = [&typed](Console& console) { return RunVerify(typed, console); },
  };
}

Command ShowCommand(Typed& typed) {
  return {
      .name = "show",
      .summary = "print records as they stand",
      .description =
          "Prints one record by its sequence, all records of a lease or a change, or a list of "
          "all. "
          "Verifies nothing; that is what `jit-audit verify` is for.",
      .options = {FileArgument(typed),
                  {.name = "N", .help = "The sequence of a record.", .into = &typed.record},
                  LeaseOption(typed, "Only the records of this lease."),
                  ChangeOption(typed, "Only the records of this change.")},
      .examples = {"jit-audit show journal.jsonl", "jit-audit show journal.jsonl 17",
                   "jit-audit show journal.jsonl --lease LEASE --output json"},
      .run = [&typed](Console& console) { return RunShow(typed, console); },
  };
}

Command TimelineCommand(Typed& typed) {
  return {
      .name = "timeline",
      .summary = "tell what happened to each lease and change",
      .description =
          "Groups the records by lease and by change, in the order in which they were asked for "
          "or planned. Verifies nothing; that is what `jit-audit verify` is for.",
      .options = {FileArgument(typed), LeaseOption(typed, "Only this lease."),
                  ChangeOption(typed, "Only this change.")},
      .examples = {"jit-audit timeline journal.jsonl",
                   "jit-audit timeline journal.jsonl --lease LEASE"},
      .run = [&typed](Console& console) { return RunTimeline(typed, console); },
  };
}

}  // namespace

console::Program AuditProgram(Typed& typed) {
  return {
      .name = "jit-audit",
      .version = console::Version(),
      .summary = "read and verify the journal of a jit-broker, offline",
      .description =
          "Works on files alone: it needs no broker, no network and no trust in either. The "
          "journal's format is open (docs/design/ledger.md) and the signatures can be checked "
          "with openssl as well (docs/auditor.md).",
      .common = {console::OutputOption(&typed.output)},
      .commands = {VerifyCommand(typed), ShowCommand(typed), TimelineCommand(typed)},
      .exit_codes = AnswerTable(),
  };
}

}  // namespace jit::audit
