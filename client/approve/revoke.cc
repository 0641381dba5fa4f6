#include "client/approve/revoke.h"

#include "client/approve/decide.h"
#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"

namespace jit::approve {

using console::ExitCode;
using console::Need;

console::Command RevokeCommand(RevokeOptions& options, const channel::Connect& connect) {
  return {.name = "revoke",
          .summary = "take an approved or open lease away",
          .description =
              "Takes the login and every session of it away now. Nothing is asked and nothing has "
              "to be signed: taking access away must not wait. A repeat is harmless.",
          .options =
              {
                  channel::LeaseOption(&options.lease),
                  {.name = "--reason",
                   .value = "TEXT",
                   .help = "Why; at most 1,024 bytes.",
                   .into = &options.reason,
                   .need = Need::kRequired},
                  console::OutputOption(&options.output),
              },
          .examples = {"jit-approve revoke aw5nvrvrrlxijqfntz3gzfwx4e --reason 'wrong database'"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return Revoke(options, console, broker);
            });
          }};
}

ExitCode Revoke(const RevokeOptions& options, console::Console& console, channel::Broker& broker) {
  v1::RevokeLeaseRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  request.set_note(options.reason);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->lease(), options.output, console);
  return ExitCode::kOk;
}

}  // namespace jit::approve
