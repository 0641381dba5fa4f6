// The customs office, inbound, for guarded changes: messages become orders of the use cases,
// checked once, here.
//
// Promises: as convert_requests.h. A script is taken as it is: whether it is one is judged further
// in. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/rpc/caller.h"
#include "broker/use_cases/look_up_changes.h"
#include "broker/use_cases/plan_change.h"
#include "broker/use_cases/review_change.h"
#include "jit/v1/change_service.pb.h"

namespace jit::rpc {

constexpr int kStepsDefault = 200;
constexpr int kRowsDefault = 50;
constexpr int kRowsAtOnceMax = 1000;  // steps, and rows of one step

// All refuse with kMalformedName, kMalformedIdempotencyId, kMalformedExpectation, kTtlMalformed,
// kDigestMismatch or kSignatureInvalid.

absl::StatusOr<use_cases::PlanOrder> ToOrder(const v1::PlanChangeRequest& request,
                                             const Caller& caller);

// An undo or a drop for good, without what only its subject can say.
struct SubjectOrder {
  core::IdempotencyId idempotency_id;
  policy::Purpose purpose = policy::Purpose::kUndo;
  std::string reason;
  change::Subject subject;
};
absl::StatusOr<SubjectOrder> ToOrder(const v1::PlanUndoRequest& request);
absl::StatusOr<SubjectOrder> ToOrder(const v1::PlanDropRequest& request);

absl::StatusOr<core::ChangeId> ToChange(const v1::GetChangeRequest& request);
absl::StatusOr<core::ChangeId> ToChange(const v1::ListChangeHistoryRequest& request);
absl::StatusOr<core::ChangeId> ToChange(const v1::ListKeptRequest& request);
// Mutations that are harmless to repeat: the idempotency id has to be well formed all the same.
absl::StatusOr<core::ChangeId> ToChange(const v1::SubmitChangeRequest& request);
absl::StatusOr<core::ChangeId> ToChange(const v1::WithdrawChangeRequest& request);
absl::StatusOr<core::ChangeId> ToChange(const v1::ApplyChangeRequest& request);
absl::StatusOr<core::ChangeId> ToChange(const v1::CancelChangeRequest& request);

struct ChangeWaitOrder {
  core::ChangeId change;
  std::int64_t known_version = 0;
  std::optional<std::int64_t> known_tick;
  absl::Duration wait;  // as WaitOrder
};
absl::StatusOr<ChangeWaitOrder> ToOrder(const v1::WaitChangeRequest& request);

absl::StatusOr<use_cases::ChangeListOrder> ToOrder(const v1::ListChangesRequest& request,
                                                   const Caller& caller);

struct ChangeStatementOrder {
  core::ChangeId change;
  lease::Verdict verdict;
};
absl::StatusOr<ChangeStatementOrder> ToOrder(const v1::GetChangeStatementRequest& request);
absl::StatusOr<use_cases::ChangeReviewOrder> ToOrder(const v1::ReviewChangeRequest& request,
                                                     const Caller& caller);
struct ChangeDenyOrder {
  core::ChangeId change;
  std::string note;
};
absl::StatusOr<ChangeDenyOrder> ToOrder(const v1::DenyChangeRequest& request);

// Whose work is looked at.
using WorkOf = std::variant<core::ChangeId, core::LeaseId>;
struct StepsOrder {
  WorkOf of;
  std::int64_t after = 0;
  int limit = kStepsDefault;
};
absl::StatusOr<StepsOrder> ToOrder(const v1::ListRowChangesRequest& request);
struct RowsOrder {
  WorkOf of;
  std::int64_t sequence = 0;
  int limit = kRowsDefault;
};
absl::StatusOr<RowsOrder> ToOrder(const v1::ListRowsRequest& request);

}  // namespace jit::rpc
