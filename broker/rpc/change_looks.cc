#include "broker/rpc/change_looks.h"

#include <vector>

#include "broker/core/refusal.h"
#include "broker/records/change_events.h"
#include "broker/rpc/convert_reports.h"
#include "broker/use_cases/look_up_changes.h"

namespace jit::rpc {
namespace {

using use_cases::SeenChange;

constexpr std::int64_t kLooksBeforeProgress = 4;

// Whose login did what is looked at, and who may see that: of a change, everybody who sees the
// change; its login was opened for its author, and it is looked at in the author's name.
struct Worker {
  core::LeaseId lease;
  core::PersonId seen_by;
};
absl::StatusOr<Worker> WorkerOf(use_cases::Ports& ports, const WorkOf& of,
                                const core::PersonId& by) {
  if (const auto* lease = std::get_if<core::LeaseId>(&of)) {
    return Worker{*lease, by};
  }
  const absl::StatusOr<SeenChange> seen =
      use_cases::LoadChangeFor(ports, std::get<core::ChangeId>(of), by);
  if (!seen.ok()) {
    return seen.status();
  }
  if (!seen->change.execution.has_value()) {
    return core::Refuse(core::Reason::kWrongState,
                        "the change has not been applied, so it has changed no rows");
  }
  return Worker{seen->change.execution->lease, seen->change.plan->requester};
}

}  // namespace

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ChangeWaiting::Look(
    const Caller& caller) {
  if (!order_.has_value()) {
    absl::StatusOr<ChangeWaitOrder> order = ToOrder(request_);
    if (!order.ok()) {
      return order.status();
    }
    looks_left_ = reception_.crew().LooksIn(order->wait);
    order_ = *std::move(order);
    return LookClosely(caller);
  }
  --looks_left_;
  ++looks_;
  const absl::StatusOr<std::int64_t> version =
      reception_.ports().journal.VersionOf(records::StreamOf(order_->change));
  if (!version.ok()) {
    return version.status();
  }
  if (*version == seen_version_ && !Moved() && MayWaitOn()) {
    return nullptr;
  }
  return LookClosely(caller);
}

bool ChangeWaiting::Moved() const {
  // How far a run is moves all the time: it is told at the pace of later looks.
  if (!order_->known_tick.has_value() || looks_ < kLooksBeforeProgress) {
    return false;
  }
  const std::optional<RunStand> stand = reception_.hooks().stand(order_->change);
  return stand.has_value() && stand->tick != *order_->known_tick;
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ChangeWaiting::LookClosely(
    const Caller& caller) {
  const absl::StatusOr<SeenChange> seen =
      use_cases::LoadChangeFor(reception_.ports(), order_->change, caller.person);
  if (!seen.ok()) {
    return seen.status();
  }
  seen_version_ = seen->version;
  const bool news = seen->version > order_->known_version;
  if (!news && !Moved() && MayWaitOn()) {
    return nullptr;
  }
  return std::make_unique<v1::WaitChangeResponse>(Showing<v1::WaitChangeResponse>(
      reception_, *seen, news ? ChangeView::Depth::kWhole : ChangeView::Depth::kOutline));
}

absl::StatusOr<v1::ListRowChangesResponse> RowSteps(Reception& reception, const Caller& caller,
                                                    const v1::ListRowChangesRequest& request) {
  const absl::StatusOr<StepsOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  const absl::StatusOr<Worker> worker = WorkerOf(reception.ports(), order->of, caller.person);
  if (!worker.ok()) {
    return worker.status();
  }
  const absl::StatusOr<std::vector<ports::RowChange>> steps = use_cases::RowChangesOf(
      reception.ports(), worker->seen_by, worker->lease, order->after, order->limit);
  if (!steps.ok()) {
    return steps.status();
  }
  return ToProto(*steps, order->limit);
}

absl::StatusOr<v1::ListRowsResponse> RowsOfStep(Reception& reception, const Caller& caller,
                                                const v1::ListRowsRequest& request) {
  const absl::StatusOr<RowsOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  const absl::StatusOr<Worker> worker = WorkerOf(reception.ports(), order->of, caller.person);
  if (!worker.ok()) {
    return worker.status();
  }
  const absl::StatusOr<std::vector<change::Sample>> rows = use_cases::RowsOf(
      reception.ports(), worker->seen_by, worker->lease, order->sequence, order->limit);
  if (!rows.ok()) {
    return rows.status();
  }
  return ToProto(*rows);
}

absl::StatusOr<v1::ListKeptResponse> KeptThings(Reception& reception, const Caller& caller,
                                                const v1::ListKeptRequest& request) {
  const absl::StatusOr<core::ChangeId> id = ToChange(request);
  if (!id.ok()) {
    return id.status();
  }
  const absl::StatusOr<std::vector<ports::Kept>> kept =
      use_cases::KeptBy(reception.ports(), caller.person, *id);
  if (!kept.ok()) {
    return kept.status();
  }
  return ToProto(*kept);
}

}  // namespace jit::rpc
