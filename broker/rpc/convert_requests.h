// The customs office, inbound: messages become orders of the use cases, checked once, here.
//
// Promises: what comes out consists of checked types, so nobody behind the border checks names,
// times, verifiers or identifiers again. Free text (reasons, notes) and whether a time is short or
// long enough are judged with the policy, further in. Refusals never repeat what was sent. Pure;
// safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/credential/scram_verifier.h"
#include "broker/rpc/caller.h"
#include "broker/use_cases/ask.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/review.h"
#include "google/protobuf/duration.pb.h"
#include "jit/v1/audit_service.pb.h"
#include "jit/v1/lease_service.pb.h"
#include "jit/v1/review_service.pb.h"

namespace jit::rpc {

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 200;
constexpr absl::Duration kWaitMax = absl::Seconds(30);

// All refuse with kMalformedName, kMalformedIdempotencyId, kTtlMalformed, kTtlTooShort (zero or
// less) or kVerifierMalformed. An unset time is nothing; whole seconds are all there is.

absl::StatusOr<use_cases::AskOrder> ToOrder(const v1::CreateLeaseRequest& request,
                                            const Caller& caller);
absl::StatusOr<use_cases::AskOrder> ToOrder(const v1::BreakGlassRequest& request,
                                            const Caller& caller);

struct OpenOrder {
  core::LeaseId lease;
  credential::ScramVerifier verifier;
};
absl::StatusOr<OpenOrder> ToOrder(const v1::OpenLeaseRequest& request);

// Mutations that are harmless to repeat: the idempotency id has to be well formed all the same.
absl::StatusOr<core::LeaseId> ToLease(const v1::EndLeaseRequest& request);
absl::StatusOr<core::LeaseId> ToLease(const v1::WithdrawLeaseRequest& request);
absl::StatusOr<core::LeaseId> ToLease(const v1::GetLeaseRequest& request);
absl::StatusOr<core::LeaseId> ToLease(const v1::ListHistoryRequest& request);

struct WaitOrder {
  core::LeaseId lease;
  std::int64_t known_version = 0;
  absl::Duration wait;  // zero to kWaitMax; unset or longer becomes kWaitMax
};
absl::StatusOr<WaitOrder> ToOrder(const v1::WaitLeaseRequest& request);
// How long somebody may wait who asks for this.
absl::StatusOr<absl::Duration> ToWait(const google::protobuf::Duration& asked);

// An unset page size is kPageSizeDefault, a larger one than kPageSizeMax becomes that.
absl::StatusOr<use_cases::ListOrder> ToOrder(const v1::ListLeasesRequest& request,
                                             const Caller& caller);
absl::StatusOr<std::optional<core::TargetName>> ToFilter(const v1::ListRolesRequest& request);
absl::StatusOr<policy::Bid> ToBid(const v1::ListApproversRequest& request, const Caller& caller);

struct StatementOrder {
  core::LeaseId lease;
  records::Decision decision;
};
absl::StatusOr<StatementOrder> ToOrder(const v1::GetStatementRequest& request);
absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::ApproveLeaseRequest& request,
                                               const Caller& caller);
absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::DenyLeaseRequest& request,
                                               const Caller& caller);
absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::ReviewBreakGlassRequest& request,
                                               const Caller& caller);
absl::StatusOr<use_cases::ReviewOrder> ToOrder(const v1::AcceptResidueRequest& request,
                                               const Caller& caller);
struct RevokeOrder {
  core::LeaseId lease;
  std::string note;
};
absl::StatusOr<RevokeOrder> ToOrder(const v1::RevokeLeaseRequest& request);

// The first sequence wanted; a negative one is refused.
absl::StatusOr<std::int64_t> ToSequence(const v1::ExportJournalRequest& request);

}  // namespace jit::rpc
