#include "broker/use_cases/end.h"

#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// The caller must be allowed to see the lease; what they may do to it is the lifecycle's business.
absl::StatusOr<SeenLease> ExecuteFor(Ports& ports, const core::PersonId& by,
                                     const core::LeaseId& id, const lease::Command& command) {
  absl::StatusOr<SeenLease> visible = LoadLeaseFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  return Execute(ports, id,
                 [&](const SeenLease&) -> absl::StatusOr<lease::Command> { return command; });
}

}  // namespace

absl::StatusOr<SeenLease> EndLease(Ports& ports, const core::PersonId& by,
                                   const core::LeaseId& id) {
  return ExecuteFor(ports, by, id, lease::End{by});
}

absl::StatusOr<SeenLease> WithdrawLease(Ports& ports, const core::PersonId& by,
                                        const core::LeaseId& id) {
  return ExecuteFor(ports, by, id, lease::Withdraw{by});
}

absl::StatusOr<SeenLease> RevokeLease(Ports& ports, const core::PersonId& by,
                                      const core::LeaseId& id, const std::string& note) {
  return ExecuteFor(ports, by, id, lease::Revoke{by, note});
}

}  // namespace jit::use_cases
