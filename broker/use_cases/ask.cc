#include "broker/use_cases/ask.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/access.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/login.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/open.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// What makes two orders the same: everything but the verifier, which a repeat may bring anew.
ports::Answer AnswerFor(const AskOrder& order, const core::LeaseId& id) {
  const std::string ttl =
      order.bid.ttl.has_value() ? absl::StrCat(absl::ToInt64Seconds(*order.bid.ttl)) : "default";
  std::vector<std::string> parts = {
      order.bid.path == policy::Path::kBreakGlass ? "break-glass" : "ask",
      order.bid.target.text(),
      order.bid.role.text(),
      ttl,
      order.reason,
      order.incident};
  parts.insert(parts.end(), order.keyless.begin(), order.keyless.end());
  return AnswerTo(order.bid.requester, order.idempotency_id, parts, id.text());
}

// A repeat: the lease of the first time, opened when it waits for nothing but that.
absl::StatusOr<SeenLease> AnswerAgain(Ports& ports, const AskOrder& order,
                                      const core::LeaseId& id) {
  absl::StatusOr<SeenLease> seen = LoadLease(ports, id);
  if (!seen.ok() || !order.verifier.has_value()) return seen;
  const lease::State state = seen->lease.state;
  const bool may_open = seen->lease.terms->seats.empty() &&
                        (state == lease::State::kApproved || state == lease::State::kOpening ||
                         state == lease::State::kOpen);
  if (!may_open) return seen;
  return OpenLease(ports, order.bid.requester, id, *order.verifier);
}

// How this lease and the person's other ones exclude each other. One that waits counts against the
// cap and an emergency makes a debt, so each of those pushes the others back; one that writes only
// has to notice a debt; one that reads and waits for nobody is in nobody's way.
std::optional<ports::Expectation::Then> GuardFor(const lease::Lease& asked) {
  if (asked.state == lease::State::kRequested || asked.path == policy::Path::kBreakGlass) {
    return ports::Expectation::Then::kAdvance;
  }
  if (policy::Writes(asked.terms->access)) return ports::Expectation::Then::kKeep;
  return std::nullopt;
}

absl::StatusOr<SeenLease> AskOnce(Ports& ports, const AskOrder& order) {
  const core::LeaseId id = NewId<core::LeaseId>(ports);
  const ports::Answer answer = AnswerFor(order, id);
  absl::StatusOr<std::optional<core::LeaseId>> earlier =
      FindEarlierAnswer<core::LeaseId>(ports, answer);
  if (!earlier.ok()) return earlier.status();
  if (earlier->has_value()) return AnswerAgain(ports, order, **earlier);

  const core::PersonId& person = order.bid.requester;
  absl::StatusOr<PolicyInForce> in_force = ReadPolicy(ports);
  if (!in_force.ok()) return in_force.status();
  absl::StatusOr<std::int64_t> person_version = ports.journal.VersionOf(PersonStream(person));
  if (!person_version.ok()) return person_version.status();
  absl::StatusOr<std::int64_t> waiting = ports.journal.CountWaiting(person);
  if (!waiting.ok()) return waiting.status();
  absl::StatusOr<std::optional<core::LeaseId>> debt = DebtOf(ports, person);
  if (!debt.ok()) return debt.status();

  const absl::Time now = ports.time.Now();
  absl::StatusOr<std::vector<lease::Event>> events =
      lease::Decide(lease::Lease{},
                    lease::Ask{.id = id,
                               .bid = order.bid,
                               .reason = order.reason,
                               .incident = order.incident,
                               .keyless = order.keyless,
                               .waiting_now = static_cast<int>(*waiting),
                               .debt = *debt},
                    *in_force->policy, now);
  if (!events.ok()) return events.status();
  lease::Lease asked;
  for (const lease::Event& event : *events) asked = lease::Evolve(std::move(asked), event);

  // Asked and opened in one append, when nobody has to agree and the target is well. When it is
  // not, an ordinary lease is filed all the same and can be opened later; an emergency is not
  // filed, since it would only leave a debt.
  bool opening = false;
  if (order.verifier.has_value() && asked.state == lease::State::kApproved) {
    absl::StatusOr<lease::Open> open = PrepareOpen(ports, asked, person, *order.verifier);
    const bool emergency = order.bid.path == policy::Path::kBreakGlass;
    if (!open.ok() && emergency) return open.status();
    if (open.ok()) {
      // The debt that this very lease makes does not stand in its own way.
      absl::StatusOr<std::vector<lease::Event>> more =
          lease::Decide(asked, *open, *in_force->policy, now);
      if (!more.ok() && emergency) return more.status();
      if (more.ok()) {
        events->insert(events->end(), more->begin(), more->end());
        opening = true;
      }
    }
  }
  Also also{{in_force->expectation}, answer};
  if (const auto guard = GuardFor(asked); guard.has_value()) {
    also.expectations.push_back({PersonStream(person), *person_version, *guard});
  }
  absl::StatusOr<SeenLease> filed = AppendEvents(ports, SeenLease{}, *events, also);
  if (!filed.ok()) {
    // Somebody with the same idempotency id was first: look again and answer with theirs.
    if (absl::IsAlreadyExists(filed.status())) return absl::AbortedError("answered meanwhile");
    return filed.status();
  }
  if (!opening) return filed;
  return MakeLogin(ports, *filed, *order.verifier);
}

}  // namespace

absl::StatusOr<SeenLease> AskForLease(Ports& ports, const AskOrder& order) {
  return Insist([&] { return AskOnce(ports, order); });
}

}  // namespace jit::use_cases
