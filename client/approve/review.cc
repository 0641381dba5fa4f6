#include "client/approve/review.h"

#include "client/channel/options.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"
#include "client/console/visible.h"

namespace jit::approve {

using console::ExitCode;
namespace {

v1::Decision DecisionOf(const std::string& verdict) {
  return verdict == "not-ok" ? v1::DECISION_OBJECT : v1::DECISION_ACCEPT;
}

// What was not given on the command line is asked for; nothing without somebody to ask.
absl::StatusOr<ReviewOptions> Completed(ReviewOptions options, console::Console& console) {
  if (options.verdict.empty()) {
    const auto verdict = console::Ask(console, "Was it in order? Type ok or not-ok: ");
    if (verdict != "ok" && verdict != "not-ok") {
      return absl::CancelledError(verdict.has_value()
                                      ? "Neither ok nor not-ok."
                                      : "There is nobody to ask here: give --verdict.");
    }
    options.verdict = *verdict;
  }
  if (options.findings.empty()) {
    const auto findings = console::Ask(console, "What did you find? One line: ");
    if (!findings.has_value() || findings->empty()) {
      return absl::CancelledError(findings.has_value()
                                      ? "A review without findings is none."
                                      : "There is nobody to ask here: give --findings.");
    }
    if (!console::IsUtf8(*findings)) {
      return absl::CancelledError("That was not UTF-8: type it in a UTF-8 terminal.");
    }
    options.findings = *findings;
  }
  return options;
}

}  // namespace

console::Command ReviewCommand(ReviewOptions& options, const channel::Connect& connect,
                               const KeySource& key) {
  return {
      .name = "review",
      .summary = "settle a break-glass lease with a signed verdict",
      .description =
          "Shows the emergency, then signs your verdict and findings with the key of your "
          "certificate. Without --verdict or --findings it asks for them. Either verdict settles "
          "the debt; not-ok says on record that it was not in order. A login that is still open "
          "is taken away with `jit-approve revoke`.",
      .options =
          {
              channel::LeaseOption(&options.lease),
              {.name = "--verdict",
               .value = "ok|not-ok",
               .help = "Whether it was in order.",
               .into = &options.verdict,
               .choices = {"ok", "not-ok"}},
              {.name = "--findings",
               .value = "TEXT",
               .help = "What you found; signed with it; at most 1,024 bytes.",
               .into = &options.findings},
              {.name = "--digest",
               .value = "DIGEST",
               .help = "Sign only if the statement has this digest (show --for ok, not-ok).",
               .into = &options.digest},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-approve review aw5nvrvrrlxijqfntz3gzfwx4e",
                   "jit-approve review aw5nvrvrrlxijqfntz3gzfwx4e --verdict ok \\",
                   "    --findings 'one row unlocked, matches INC-4712'"},
      .run = [&options, &connect, &key](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Review(options, key, console, broker);
        });
      }};
}

ExitCode Review(const ReviewOptions& options, const KeySource& key, console::Console& console,
                channel::Broker& broker) {
  // Looked at first: the verdict comes after, and changes the statement by that one word.
  auto statement =
      FetchStatement(options.lease, DecisionOf(options.verdict), options.digest, broker);
  if (!statement.ok()) return channel::Explain(statement.status(), console);
  ShowStatement(*statement, console.err);
  const absl::StatusOr<ReviewOptions> complete = Completed(options, console);
  if (!complete.ok()) {
    *console.err.stream << std::string(complete.status().message()) << " Nothing was signed.\n";
    return ExitCode::kNotConfirmed;
  }
  const v1::Decision verdict = DecisionOf(complete->verdict);
  if (verdict != DecisionOf(options.verdict)) {
    statement = FetchStatement(options.lease, verdict, options.digest, broker);
    if (!statement.ok()) return channel::Explain(statement.status(), console);
  }
  const auto signature = SignStatement(*statement, complete->findings, key, console);
  if (!signature.ok()) return channel::Explain(signature.status(), console);
  v1::ReviewBreakGlassRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(options.lease);
  request.set_verdict(verdict);
  request.set_findings(complete->findings);
  request.set_digest(statement->digest);
  request.set_signature(*signature);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  ShowResult(answer->lease(), options.output, console);
  return ExitCode::kOk;
}

}  // namespace jit::approve
