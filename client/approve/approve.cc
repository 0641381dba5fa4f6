#include "client/approve/approve.h"

#include "client/approve/change_statement.h"
#include "client/approve/confirm.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::approve {

using console::ExitCode;
console::Command ApproveCommand(ApproveOptions& options, const channel::Connect& connect,
                                const KeySource& key) {
  return {
      .name = "approve",
      .summary = "look at a lease or a change and say yes to it, signed",
      .description =
          "Shows who, what, where, how long and why, of a guarded change also the script and "
          "what its rehearsal did, the digest last, and asks. A yes is signed "
          "with the key of your certificate over exactly what was shown; the broker verifies "
          "and keeps the signature, and jit-audit verifies it again.\n\n"
          "In a script: take the digest from `jit-approve show`, have it looked at, and give it "
          "back with --yes --digest. When anything has changed meanwhile the digest is another "
          "one and nothing is signed.",
      .options =
          {
              channel::LeaseOrChangeOption(&options.lease),
              {.name = "--note",
               .value = "TEXT",
               .help = "A note that is signed with it; at most 1,024 bytes.",
               .into = &options.note},
              {.name = "--digest",
               .value = "DIGEST",
               .help = "Sign only if the statement has this digest (64 hex digits).",
               .into = &options.digest},
              {.name = "--yes", .help = "Do not ask; needs --digest.", .into = &options.yes},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-approve approve aw5nvrvrrlxijqfntz3gzfwx4e",
                   "jit-approve approve aw5nvrvrrlxijqfntz3gzfwx4e --yes --digest \"$digest\""},
      .run = [&options, &connect, &key](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Approve(options, key, console, broker);
        });
      }};
}

ExitCode Approve(const ApproveOptions& options, const KeySource& key, console::Console& console,
                 channel::Broker& broker) {
  if (options.yes && !options.digest.has_value()) {
    *console.err.stream << "jit-approve: --yes needs --digest: nobody approves what nobody has "
                           "looked at. `jit-approve show` prints it.\n";
    return ExitCode::kUsage;
  }
  const auto what = FetchEither(options.lease, v1::DECISION_APPROVE, options.digest, broker);
  if (!what.ok()) return channel::Explain(what.status(), console);
  const Statement& statement = what->statement;
  if (what->change.has_value() && options.yes) {
    ShowChangeSummary(statement, console.err);
  } else {
    ShowToDecide(*what, console.err);
  }
  if (!options.yes && !TypesYes("Approve this? Type yes: ", "Not approved.", console)) {
    return ExitCode::kNotConfirmed;
  }
  const auto signature = SignStatement(statement, options.note, key, console);
  if (!signature.ok()) return channel::Explain(signature.status(), console);
  if (what->change.has_value()) {
    return ReviewChange(*what, v1::DECISION_APPROVE, *signature, options.note, options.output,
                        console, broker);
  }
  v1::ApproveLeaseRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  request.set_digest(statement.digest);
  request.set_signature(*signature);
  request.set_note(options.note);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->lease(), options.output, console);
  return ExitCode::kOk;
}

}  // namespace jit::approve
