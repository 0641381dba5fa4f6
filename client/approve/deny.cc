#include "client/approve/deny.h"

#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::approve {

using console::ExitCode;
using console::Need;

namespace {

// An approval is taken back without a signature: taking away must not wait.
ExitCode TakeApprovalBack(const DenyOptions& options, console::Console& console,
                          channel::Broker& broker) {
  v1::DenyChangeRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(options.lease);
  request.set_note(options.reason);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->change(), options.output, console);
  return ExitCode::kOk;
}

}  // namespace

console::Command DenyCommand(DenyOptions& options, const channel::Connect& connect,
                             const KeySource& key) {
  return {
      .name = "deny",
      .summary = "say no to a lease or a change, signed",
      .description =
          "Ends a lease that waits, is approved, or is open, with a signed no. It is not asked "
          "for again: a no that was a mistake costs a new lease, not data. A guarded change that "
          "waits is denied in "
          "the same way; one that is approved loses its approval, as long as it was not applied.",
      .options =
          {
              channel::LeaseOrChangeOption(&options.lease),
              {.name = "--reason",
               .value = "TEXT",
               .help = "Why; signed with it; at most 1,024 bytes.",
               .into = &options.reason,
               .need = Need::kRequired},
              {.name = "--digest",
               .value = "DIGEST",
               .help = "Sign only if the statement has this digest (show --for deny).",
               .into = &options.digest},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-approve deny aw5nvrvrrlxijqfntz3gzfwx4e --reason 'use the replica'"},
      .run = [&options, &connect, &key](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Deny(options, key, console, broker);
        });
      }};
}

ExitCode Deny(const DenyOptions& options, const KeySource& key, console::Console& console,
              channel::Broker& broker) {
  const auto what = FetchEither(options.lease, v1::DECISION_DENY, options.digest, broker);
  if (!what.ok()) return channel::Explain(what.status(), console);
  if (what->change.has_value() && what->change->state() == v1::Change::STATE_APPROVED) {
    return TakeApprovalBack(options, console, broker);
  }
  const Statement& statement = what->statement;
  const auto signature = SignStatement(statement, options.reason, key, console);
  if (!signature.ok()) return channel::Explain(signature.status(), console);
  if (what->change.has_value()) {
    return ReviewChange(*what, v1::DECISION_DENY, *signature, options.reason, options.output,
                        console, broker);
  }
  v1::DenyLeaseRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  request.set_digest(statement.digest);
  request.set_signature(*signature);
  request.set_note(options.reason);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->lease(), options.output, console);
  return ExitCode::kOk;
}

}  // namespace jit::approve
