#include "broker/rpc/convert_requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/rpc/request_parts.h"

namespace jit::rpc {
namespace {

// google.protobuf.Duration: about ten thousand years either way; nanos of the same sign as the
// seconds.
constexpr std::int64_t kDurationSecondsMax = 315'576'000'000;

absl::StatusOr<absl::Duration> Seconds(const google::protobuf::Duration& duration) {
  const std::int64_t seconds = duration.seconds();
  const bool well_formed =
      seconds >= -kDurationSecondsMax && seconds <= kDurationSecondsMax && duration.nanos() == 0;
  if (!well_formed) {
    const bool fraction = duration.nanos() > -kNanosPerSecond &&
                          duration.nanos() < kNanosPerSecond && duration.nanos() != 0;
    return core::Refuse(core::Reason::kTtlMalformed,
                        fraction ? "a time is a whole number of seconds"
                                 : "the time is not one that a clock could show");
  }
  return absl::Seconds(seconds);
}

template <class Request>
absl::StatusOr<std::optional<absl::Duration>> Ttl(const Request& request) {
  if (!request.has_ttl()) {
    return std::optional<absl::Duration>();
  }
  const absl::StatusOr<absl::Duration> ttl = Seconds(request.ttl());
  if (!ttl.ok()) {
    return ttl.status();
  }
  if (*ttl <= absl::ZeroDuration()) {
    return core::Refuse(core::Reason::kTtlTooShort, "the time asked for must be above zero");
  }
  return std::optional<absl::Duration>(*ttl);
}

absl::StatusOr<credential::ScramVerifier> Verifier(absl::string_view text) {
  absl::StatusOr<credential::ScramVerifier> verifier = credential::ScramVerifier::Parse(text);
  if (!verifier.ok()) {
    return core::Refuse(core::Reason::kVerifierMalformed,
                        "what the client made of the password is no SCRAM-SHA-256 verifier");
  }
  return verifier;
}

template <class Request>
absl::StatusOr<policy::Bid> Bid(const Request& request, const Caller& caller, policy::Path path) {
  absl::StatusOr<core::TargetName> target = core::TargetName::Parse(request.target());
  if (!target.ok()) {
    return target.status();
  }
  absl::StatusOr<core::RoleName> role = core::RoleName::Parse(request.role());
  if (!role.ok()) {
    return role.status();
  }
  absl::StatusOr<std::optional<absl::Duration>> ttl = Ttl(request);
  if (!ttl.ok()) {
    return ttl.status();
  }
  return policy::Bid{caller.person, *std::move(target), *std::move(role), *ttl, path};
}

template <class Request>
absl::StatusOr<use_cases::AskOrder> Ask(const Request& request, const Caller& caller,
                                        policy::Path path) {
  absl::StatusOr<policy::Bid> bid = Bid(request, caller, path);
  if (!bid.ok()) {
    return bid.status();
  }
  absl::StatusOr<core::IdempotencyId> id = core::IdempotencyId::Parse(request.idempotency_id());
  if (!id.ok()) {
    return id.status();
  }
  use_cases::AskOrder order{
      *std::move(id), *std::move(bid), request.reason(), "", std::nullopt, {}};
  order.keyless.assign(request.keyless().begin(), request.keyless().end());
  if (path == policy::Path::kBreakGlass || !request.scram_verifier().empty()) {
    absl::StatusOr<credential::ScramVerifier> verifier = Verifier(request.scram_verifier());
    if (!verifier.ok()) {
      return verifier.status();
    }
    order.verifier = *std::move(verifier);
  }
  return order;
}

template <class Request>
absl::StatusOr<core::LeaseId> MutatedLease(const Request& request) {
  return Mutated<core::LeaseId>(request.lease_id(), request);
}

absl::StatusOr<records::Decision> Decision(v1::Decision decision) {
  if (decision == v1::DECISION_APPROVE) {
    return records::Decision::kApprove;
  }
  if (decision == v1::DECISION_DENY) {
    return records::Decision::kDeny;
  }
  if (decision == v1::DECISION_ACCEPT) {
    return records::Decision::kAccept;
  }
  if (decision == v1::DECISION_OBJECT) {
    return records::Decision::kObject;
  }
  if (decision == v1::DECISION_ACCEPT_RESIDUE) {
    return records::Decision::kAcceptResidue;
  }
  return core::Refuse(core::Reason::kMalformedName,
                      "a decision is one of approve, deny, accept, object, accept_residue");
}

template <class Request>
absl::StatusOr<use_cases::ReviewOrder> Review(const Request& request, const Caller& caller,
                                              records::Decision decision, std::string note) {
  absl::StatusOr<core::LeaseId> lease = MutatedLease(request);
  if (!lease.ok()) {
    return lease.status();
  }
  if (absl::Status form = CheckSigned(request); !form.ok()) {
    return form;
  }
  return use_cases::ReviewOrder{*core::IdempotencyId::Parse(request.idempotency_id()),
                                caller.person,
                                *std::move(lease),
                                decision,
                                request.digest(),
                                request.signature(),
                                caller.certificate_pem,
                                std::move(note)};
}

std::optional<lease::State> State(int state) {
  switch (state) {
    case v1::Lease::STATE_REQUESTED:
      return lease::State::kRequested;
    case v1::Lease::STATE_APPROVED:
      return lease::State::kApproved;
    case v1::Lease::STATE_DENIED:
      return lease::State::kDenied;
    case v1::Lease::STATE_WITHDRAWN:
      return lease::State::kWithdrawn;
    case v1::Lease::STATE_LAPSED:
      return lease::State::kLapsed;
    case v1::Lease::STATE_OPENING:
      return lease::State::kOpening;
    case v1::Lease::STATE_OPEN:
      return lease::State::kOpen;
    case v1::Lease::STATE_CLOSING:
      return lease::State::kClosing;
    case v1::Lease::STATE_OFF:
      return lease::State::kOff;
    case v1::Lease::STATE_CLOSED:
      return lease::State::kClosed;
    default:
      return std::nullopt;  // unspecified, or of a newer client
  }
}

}  // namespace

absl::StatusOr<use_cases::AskOrder> ToOrder(const v1::CreateLeaseRequest& request,
                                            const Caller& caller) {
  return Ask(request, caller, policy::Path::kOrdinary);
}

absl::StatusOr<use_cases::AskOrder> ToOrder(const v1::BreakGlassRequest& request,
                                            const Caller& caller) {
  absl::StatusOr<use_cases::AskOrder> order = Ask(request, caller, policy::Path::kBreakGlass);
  if (order.ok()) {
    order->incident = request.incident();
  }
  return order;
}

absl::StatusOr<OpenOrder> ToOrder(const v1::OpenLeaseRequest& request) {
  absl::StatusOr<core::LeaseId> lease = MutatedLease(request);
  if (!lease.ok()) {
    return lease.status();
  }
  absl::StatusOr<credential::ScramVerifier> verifier = Verifier(request.scram_verifier());
  if (!verifier.ok()) {
    return verifier.status();
  }
  return OpenOrder{*std::move(lease), *std::move(verifier)};
}

absl::StatusOr<core::LeaseId> ToLease(const v1::EndLeaseRequest& request) {
  return MutatedLease(request);
}

absl::StatusOr<core::LeaseId> ToLease(const v1::WithdrawLeaseRequest& request) {
  return MutatedLease(request);
}

absl::StatusOr<core::LeaseId> ToLease(const v1::GetLeaseRequest& request) {
  return core::LeaseId::Parse(request.lease_id());
}

absl::StatusOr<core::LeaseId> ToLease(const v1::ListHistoryRequest& request) {
  return core::LeaseId::Parse(request.lease_id());
}

absl::StatusOr<absl::Duration> ToWait(const google::protobuf::Duration& asked) {
  const absl::StatusOr<absl::Duration> wait = Seconds(asked);
  if (!wait.ok()) {
    return wait.status();
  }
  return std::clamp(*wait, absl::ZeroDuration(), kWaitMax);
}

absl::StatusOr<WaitOrder> ToOrder(const v1::WaitLeaseRequest& request) {
  absl::StatusOr<core::LeaseId> lease = core::LeaseId::Parse(request.lease_id());
  if (!lease.ok()) {
    return lease.status();
  }
  absl::Duration wait = kWaitMax;
  if (request.has_wait()) {
    const absl::StatusOr<absl::Duration> asked = ToWait(request.wait());
    if (!asked.ok()) {
      return asked.status();
    }
    wait = *asked;
  }
  return WaitOrder{*std::move(lease), request.known_version(), wait};
}

absl::StatusOr<use_cases::ListOrder> ToOrder(const v1::ListLeasesRequest& request,
                                             const Caller& caller) {
  use_cases::ListOrder order{.by = caller.person, .mine_only = request.mine()};
  if (absl::Status filled = FillListOrder<core::LeaseId>(request, kPageSizeDefault, kPageSizeMax,
                                                         State, "lease", order);
      !filled.ok()) {
    return filled;
  }
  return order;
}

absl::StatusOr<std::optional<core::TargetName>> ToFilter(const v1::ListRolesRequest& request) {
  return TargetFilter(request.target());
}

absl::StatusOr<policy::Bid> ToBid(const v1::ListApproversRequest& request, const Caller& caller) {
  return Bid(request, caller, policy::Path::kOrdinary);
}

absl::StatusOr<StatementOrder> ToOrder(const v1::GetStatementRequest& request) {
  absl::StatusOr<core::LeaseId> lease = core::LeaseId::Parse(request.lease_id());
  if (!lease.ok()) {
    return lease.status();
  }
  const absl::StatusOr<records::Decision> decision = Decision(request.decision());
  if (!decision.ok()) {
    return decision.status();
  }
  return StatementOrder{*std::move(lease), *decision};
}

absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::ApproveLeaseRequest& request,
                                               const Caller& caller) {
  return Review(request, caller, records::Decision::kApprove, request.note());
}

absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::DenyLeaseRequest& request,
                                               const Caller& caller) {
  return Review(request, caller, records::Decision::kDeny, request.note());
}

absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::ReviewBreakGlassRequest& request,
                                               const Caller& caller) {
  const absl::StatusOr<records::Decision> verdict = Decision(request.verdict());
  if (!verdict.ok()) {
    return verdict.status();
  }
  if (*verdict != records::Decision::kAccept && *verdict != records::Decision::kObject) {
    return core::Refuse(core::Reason::kMalformedName,
                        "the verdict on a break-glass lease is accept or object");
  }
  return Review(request, caller, *verdict, request.findings());
}

absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::AcceptResidueRequest& request,
                                               const Caller& caller) {
  return Review(request, caller, records::Decision::kAcceptResidue, request.note());
}

absl::StatusOr<RevokeOrder> ToOrder(const v1::RevokeLeaseRequest& request) {
  absl::StatusOr<core::LeaseId> lease = MutatedLease(request);
  if (!lease.ok()) {
    return lease.status();
  }
  return RevokeOrder{*std::move(lease), request.note()};
}

absl::StatusOr<std::int64_t> ToSequence(const v1::ExportJournalRequest& request) {
  if (request.from_sequence() < 0) {
    return core::Refuse(core::Reason::kMalformedName, "a sequence is a number from 0 on");
  }
  return request.from_sequence();
}

}  // namespace jit::rpc
