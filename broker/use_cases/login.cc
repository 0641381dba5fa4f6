#include "broker/use_cases/login.h"

#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/access.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// Whether the target said for certain that it did not make the login.
bool CertainlyNotMade(const absl::Status& status) {
  return core::ReasonOf(status).has_value() || absl::IsFailedPrecondition(status) ||
         absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status);
}

// Appends an outcome: on the lease as it was when the target was called, or, when it has moved on
// meanwhile, on the lease as it stands now.
absl::StatusOr<SeenLease> Record(Ports& ports, const SeenLease& seen,
                                 const lease::Command& outcome) {
  absl::StatusOr<std::vector<lease::Event>> events =
      lease::Decide(seen.lease, outcome, *ports.policy.Current(), ports.time.Now());
  if (!events.ok()) return events.status();
  absl::StatusOr<SeenLease> after = AppendEvents(ports, seen, *events, {});
  if (after.ok() ? !events->empty() : !absl::IsAborted(after.status())) return after;
  return Execute(ports, *seen.lease.id,
                 [&](const SeenLease&) -> absl::StatusOr<lease::Command> { return outcome; });
}

}  // namespace

absl::StatusOr<ports::Target*> TargetOf(Ports& ports, const core::TargetName& name) {
  const auto found = ports.targets.find(name);
  if (found == ports.targets.end()) {
    return core::Refuse(core::Reason::kTargetNotReady,
                        "policy offers this target, but this broker is not configured for it; an "
                        "operator has to add it to the broker's configuration");
  }
  return found->second;
}

ports::LoginOrder OrderFor(const lease::Lease& lease) {
  const policy::Terms& terms = *lease.terms;
  return ports::LoginOrder{
      .login = core::LoginName::Of(*lease.id),
      .person = *lease.requester,
      .member_of = terms.member_of,
      .connection_limit = terms.connection_limit,
      .valid_until = lease.expire_time,
      .statement_timeout = terms.statement_timeout,
      .lock_timeout = terms.lock_timeout,
      .idle_in_transaction_timeout = terms.idle_in_transaction_timeout,
      .writes = policy::Writes(terms.access),
      .guard = lease::GuardOf(lease),
      .keyless = lease::AcceptedKeyless(lease),
      .acts_as = terms.owner,
  };
}

absl::StatusOr<lease::Open> PrepareOpen(Ports& ports, const lease::Lease& lease,
                                        const core::PersonId& by,
                                        const credential::ScramVerifier& verifier) {
  if (!ports.time.Settled()) {
    return core::Refuse(core::Reason::kClockSkew,
                        "the broker's clock has just jumped; no lease opens until it has been "
                        "steady for a minute");
  }
  absl::StatusOr<ports::Target*> target = TargetOf(ports, *lease.target);
  if (!target.ok()) return target.status();
  absl::StatusOr<ports::Vitals> vitals = (*target)->Measure();
  if (!vitals.ok()) return vitals.status();
  if (vitals->read_only) {
    return core::Refuse(core::Reason::kTargetNotReady,
                        "the target is read-only (a standby, or set so), so no login can be made");
  }
  absl::StatusOr<std::optional<core::LeaseId>> debt = DebtOf(ports, *lease.requester);
  if (!debt.ok()) return debt.status();
  return lease::Open{.by = by,
                     .verifier_digest = verifier.Digest(),
                     .system_identifier = vitals->system_identifier,
                     .clock_skew = vitals->clock_skew,
                     .debt = *debt};
}

absl::StatusOr<SeenLease> MakeLogin(Ports& ports, const SeenLease& seen,
                                    const credential::ScramVerifier& verifier) {
  absl::StatusOr<ports::Target*> target = TargetOf(ports, *seen.lease.target);
  if (!target.ok()) return target.status();
  const core::LeaseId id = *seen.lease.id;
  ports.time.Watch(id, seen.lease.expire_time);

  const absl::Status made = (*target)->OpenLogin(OrderFor(seen.lease), verifier);
  if (made.ok()) {
    absl::StatusOr<SeenLease> after = Record(ports, seen, lease::RecordOpened{});
    if (!after.ok()) return after.status();
    if (lease::EffectOf(after->lease) != lease::Effect::kOpenLogin &&
        after->lease.state != lease::State::kOpen) {
      // Somebody ended the lease while its login was being made. The sweep may have looked before
      // the login appeared, so it is taken away here as well.
      (void)(*target)->TurnOff({core::LoginName::Of(id)});
    }
    return after;
  }
  if (seen.lease.state == lease::State::kOpening && CertainlyNotMade(made)) {
    return Record(ports, seen, lease::RecordOpenFault{std::string(made.message())});
  }
  // Unknown: for a lease that is opening, the sweep will look. For one that is open already, only
  // the new password is in doubt; its holder may try again.
  if (seen.lease.state == lease::State::kOpen) return made;
  return LoadLease(ports, id);
}

}  // namespace jit::use_cases
