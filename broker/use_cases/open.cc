#include "broker/use_cases/open.h"

#include <algorithm>

#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/access.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/login.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// A run that was opened once is never opened again, not even with a new password.
absl::Status MayRun(const lease::Lease& lease) {
  if (lease.path == policy::Path::kChange && lease.state == lease::State::kApproved) {
    return absl::OkStatus();
  }
  return core::Refuse(core::Reason::kAlreadyExecuted,
                      "the login of this run was used or taken away already; a change runs once");
}

absl::StatusOr<SeenLease> OpenOnce(Ports& ports, const core::PersonId& by, const core::LeaseId& id,
                                   const credential::ScramVerifier& verifier,
                                   lease::Open::Opener opener) {
  absl::StatusOr<PolicyInForce> in_force = ReadPolicy(ports);
  if (!in_force.ok()) return in_force.status();
  absl::StatusOr<SeenLease> seen = LoadLeaseFor(ports, id, by);
  if (!seen.ok()) return seen.status();
  if (opener == lease::Open::Opener::kBroker) {
    if (absl::Status may_run = MayRun(seen->lease); !may_run.ok()) return may_run;
  }
  const core::PersonId requester = *seen->lease.requester;
  // A debt made between the look and the append advances this stream, and the append of a lease
  // that writes fails.
  absl::StatusOr<std::int64_t> person_version = ports.journal.VersionOf(PersonStream(requester));
  if (!person_version.ok()) return person_version.status();

  lease::Command command =
      lease::Open{.by = by, .verifier_digest = verifier.Digest(), .opener = opener};
  const lease::State state = seen->lease.state;
  const bool could_open =
      by == requester && (state == lease::State::kApproved || state == lease::State::kOpening ||
                          state == lease::State::kOpen);
  if (could_open) {
    absl::StatusOr<lease::Open> prepared = PrepareOpen(ports, seen->lease, by, verifier);
    if (!prepared.ok()) return prepared.status();
    prepared->opener = opener;
    command = *prepared;
  }
  absl::StatusOr<std::vector<lease::Event>> events =
      lease::Decide(seen->lease, command, *in_force->policy, ports.time.Now());
  if (!events.ok()) return events.status();
  Also also{{in_force->expectation}, std::nullopt};
  if (policy::Writes(seen->lease.terms->access)) {
    also.expectations.push_back(
        {PersonStream(requester), *person_version, ports::Expectation::Then::kKeep});
  }
  absl::StatusOr<SeenLease> after = AppendEvents(ports, *seen, *events, also);
  if (!after.ok()) return after.status();

  const bool sent_back = std::any_of(events->begin(), events->end(), [](const lease::Event& event) {
    return std::holds_alternative<lease::SentBack>(event);
  });
  if (sent_back && after->lease.state == lease::State::kRequested) {
    return core::Refuse(core::Reason::kPolicyChanged, after->lease.sent_back_why);
  }
  if (after->lease.state == lease::State::kApproved) {
    // Sent back to terms that demand no seat: approved again at once, so open it under those.
    return absl::AbortedError("approved again under new terms");
  }
  if (after->lease.state != lease::State::kOpening && after->lease.state != lease::State::kOpen) {
    return after;
  }
  return MakeLogin(ports, *after, verifier);
}

}  // namespace

absl::StatusOr<SeenLease> OpenLease(Ports& ports, const core::PersonId& by, const core::LeaseId& id,
                                    const credential::ScramVerifier& verifier) {
  return Insist([&] { return OpenOnce(ports, by, id, verifier, lease::Open::Opener::kHolder); });
}

absl::StatusOr<SeenLease> OpenRun(Ports& ports, const core::LeaseId& id,
                                  const credential::ScramVerifier& verifier) {
  absl::StatusOr<SeenLease> seen = LoadLease(ports, id);
  if (!seen.ok()) return seen.status();
  const core::PersonId by = *seen->lease.requester;
  return Insist([&] { return OpenOnce(ports, by, id, verifier, lease::Open::Opener::kBroker); });
}

}  // namespace jit::use_cases
