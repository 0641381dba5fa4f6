#include "client/approve/accept.h"

#include "client/approve/confirm.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::approve {

using console::ExitCode;
console::Command AcceptCommand(AcceptOptions& options, const channel::Connect& connect,
                               const KeySource& key) {
  return {
      .name = "accept",
      .summary = "accept what a lease left behind in the schema, signed",
      .description =
          "A lease that acted as the owner of the tables stays off, and is not closed, until "
          "somebody else has looked at what is different in the schema since it was opened. "
          "Shows that, the digest last, and asks. A yes is signed with the key of your "
          "certificate over exactly what was shown. There is no no: have repaired first what "
          "cannot be accepted, and write what you found into the note.\n\n"
          "In a script: take the digest from `jit-approve show`, have it looked at, and give it "
          "back with --yes --digest.",
      .options =
          {
              channel::LeaseOption(&options.lease),
              {.name = "--note",
               .value = "TEXT",
               .help = "What you found; signed with it; at most 1,024 bytes.",
               .into = &options.note},
              {.name = "--digest",
               .value = "DIGEST",
               .help = "Sign only if the statement has this digest (64 hex digits).",
               .into = &options.digest},
              {.name = "--yes", .help = "Do not ask; needs --digest.", .into = &options.yes},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-approve accept aw5nvrvrrlxijqfntz3gzfwx4e",
                   "jit-approve accept aw5nvrvrrlxijqfntz3gzfwx4e --yes --digest \"$digest\" \\",
                   "    --note 'the new function is the one of ticket 4711'"},
      .run = [&options, &connect, &key](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Accept(options, key, console, broker);
        });
      }};
}

ExitCode Accept(const AcceptOptions& options, const KeySource& key, console::Console& console,
                channel::Broker& broker) {
  if (options.yes && !options.digest.has_value()) {
    *console.err.stream << "jit-approve: --yes needs --digest: nobody accepts what nobody has "
                           "looked at. `jit-approve show` prints it.\n";
    return ExitCode::kUsage;
  }
  const auto statement =
      FetchStatement(options.lease, v1::DECISION_ACCEPT_RESIDUE, options.digest, broker);
  if (!statement.ok()) return channel::Explain(statement.status(), console);
  ShowStatement(*statement, console.err);
  if (!options.yes && !TypesYes("Accept this? Type yes: ", "Not accepted.", console)) {
    return ExitCode::kNotConfirmed;
  }
  const auto signature = SignStatement(*statement, options.note, key, console);
  if (!signature.ok()) return channel::Explain(signature.status(), console);
  v1::AcceptResidueRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  request.set_digest(statement->digest);
  request.set_signature(*signature);
  request.set_note(options.note);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->lease(), options.output, console);
  return ExitCode::kOk;
}

}  // namespace jit::approve
