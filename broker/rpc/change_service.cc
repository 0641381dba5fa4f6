#include "broker/core/policy/judge.h"
#include "broker/core/refusal.h"
#include "broker/rpc/change_looks.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/convert_change_answers.h"
#include "broker/rpc/convert_change_requests.h"
#include "broker/rpc/serve.h"
#include "broker/rpc/services.h"
#include "broker/use_cases/apply.h"
#include "broker/use_cases/look_up_changes.h"
#include "broker/use_cases/plan_change.h"
#include "broker/use_cases/review_change.h"
#include "broker/use_cases/seen_lease.h"
#include "broker/use_cases/submit.h"
#include "jit/v1/change_service.grpc.pb.h"

namespace jit::rpc {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using use_cases::SeenChange;
using Depth = ChangeView::Depth;

// A script, and a reason and expectations beside it.
constexpr std::size_t kPlanBytesMax = std::size_t{2} * 1024 * 1024;

template <class Response>
absl::StatusOr<Response> Changed(Reception& reception, const absl::StatusOr<SeenChange>& seen) {
  if (!seen.ok()) {
    return seen.status();
  }
  return Showing<Response>(reception, *seen, Depth::kWhole);
}

// Has a change run that owes it. A repeat finds it run already: whoever runs changes takes each of
// them once.
void Run(Reception& reception, const SeenChange& seen) {
  if (seen.change.state == change::State::kPlanned ||
      seen.change.state == change::State::kApplying) {
    reception.hooks().run(seen.change.plan->target, *seen.change.id);
  }
}

template <class Response>
absl::StatusOr<Response> Plan(Reception& reception, const use_cases::PlanOrder& order) {
  if (absl::Status room = reception.hooks().room(order.plan.target); !room.ok()) {
    return room;
  }
  const absl::StatusOr<SeenChange> seen = use_cases::PlanChange(reception.ports(), order);
  if (!seen.ok()) {
    return seen.status();
  }
  Run(reception, *seen);
  return Showing<Response>(reception, *seen, Depth::kWhole);
}

absl::StatusOr<v1::PlanChangeResponse> PlanScript(Reception& reception, const Caller& caller,
                                                  const v1::PlanChangeRequest& request) {
  const absl::StatusOr<use_cases::PlanOrder> order = ToOrder(request, caller);
  if (!order.ok()) {
    return order.status();
  }
  return Plan<v1::PlanChangeResponse>(reception, *order);
}

// What an undo or a drop is done on, and as: that of its subject.
struct Place {
  core::TargetName target;
  core::RoleName role;
};
absl::StatusOr<Place> PlaceOf(use_cases::Ports& ports, const change::Subject& subject,
                              const core::PersonId& by) {
  if (subject.change.has_value()) {
    const absl::StatusOr<SeenChange> seen = use_cases::LoadChangeFor(ports, *subject.change, by);
    if (!seen.ok()) {
      return seen.status();
    }
    return Place{seen->change.plan->target, seen->change.plan->role};
  }
  const absl::StatusOr<use_cases::SeenLease> seen =
      use_cases::LoadLeaseFor(ports, *subject.lease, by);
  if (!seen.ok()) {
    return seen.status();
  }
  return Place{*seen->lease.target, *seen->lease.role};
}

template <class Response, class Request>
absl::StatusOr<Response> PlanOn(Reception& reception, const Caller& caller,
                                const Request& request) {
  absl::StatusOr<SubjectOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  const absl::StatusOr<Place> place = PlaceOf(reception.ports(), order->subject, caller.person);
  if (!place.ok()) {
    return place.status();
  }
  return Plan<Response>(reception, {std::move(order->idempotency_id),
                                    {.requester = caller.person,
                                     .target = place->target,
                                     .role = place->role,
                                     .purpose = order->purpose,
                                     .reason = std::move(order->reason),
                                     .script = "",
                                     .script_digest = "",
                                     .subject = std::move(order->subject),
                                     .written = {}}});
}

absl::StatusOr<v1::GetChangeResponse> Get(Reception& reception, const Caller& caller,
                                          const v1::GetChangeRequest& request) {
  const absl::StatusOr<core::ChangeId> id = ToChange(request);
  if (!id.ok()) {
    return id.status();
  }
  return Changed<v1::GetChangeResponse>(
      reception, use_cases::LoadChangeFor(reception.ports(), *id, caller.person));
}

// Submit, withdraw: the author's word and an id.
template <class Response, class Request>
absl::StatusOr<Response> Decide(Reception& reception, const Caller& caller, const Request& request,
                                absl::StatusOr<SeenChange> (*decide)(use_cases::Ports&,
                                                                     const core::PersonId&,
                                                                     const core::ChangeId&)) {
  const absl::StatusOr<core::ChangeId> id = ToChange(request);
  if (!id.ok()) {
    return id.status();
  }
  return Changed<Response>(reception, decide(reception.ports(), caller.person, *id));
}

absl::StatusOr<v1::ApplyChangeResponse> Apply(Reception& reception, const Caller& caller,
                                              const v1::ApplyChangeRequest& request) {
  const absl::StatusOr<core::ChangeId> id = ToChange(request);
  if (!id.ok()) {
    return id.status();
  }
  use_cases::Ports& ports = reception.ports();
  const absl::StatusOr<SeenChange> before = use_cases::LoadChangeFor(ports, *id, caller.person);
  if (!before.ok()) {
    return before.status();
  }
  // Asked before the intent is written: a change that was begun has to be run.
  if (absl::Status room = reception.hooks().room(before->change.plan->target); !room.ok()) {
    return room;
  }
  const absl::StatusOr<SeenChange> seen = use_cases::ApplyChange(ports, caller.person, *id);
  if (!seen.ok()) {
    return seen.status();
  }
  Run(reception, *seen);
  return Showing<v1::ApplyChangeResponse>(reception, *seen, Depth::kWhole);
}

absl::StatusOr<v1::CancelChangeResponse> Cancel(Reception& reception, const Caller& caller,
                                                const v1::CancelChangeRequest& request) {
  const absl::StatusOr<core::ChangeId> id = ToChange(request);
  if (!id.ok()) {
    return id.status();
  }
  const absl::StatusOr<SeenChange> seen =
      use_cases::LoadChangeFor(reception.ports(), *id, caller.person);
  if (!seen.ok()) {
    return seen.status();
  }
  const auto policy = reception.ports().policy.Current();
  if (seen->change.plan->requester != caller.person &&
      !policy::IsOperator(*policy, caller.person)) {
    return core::Refuse(core::Reason::kNotHolder,
                        "only its author and operators may cancel a change that runs");
  }
  const change::State state = seen->change.state;
  if (state == change::State::kRehearsed || state == change::State::kSubmitted ||
      state == change::State::kApproved) {
    return core::Refuse(core::Reason::kWrongState,
                        "nothing of this change runs; its author can withdraw it");
  }
  reception.hooks().cancel(*id);
  return Showing<v1::CancelChangeResponse>(reception, *seen, Depth::kOutline);
}

absl::StatusOr<v1::ListChangesResponse> List(Reception& reception, const Caller& caller,
                                             const v1::ListChangesRequest& request) {
  const absl::StatusOr<use_cases::ChangeListOrder> order = ToOrder(request, caller);
  if (!order.ok()) {
    return order.status();
  }
  const absl::StatusOr<use_cases::ChangePage> page =
      use_cases::ListChanges(reception.ports(), *order);
  if (!page.ok()) {
    return page.status();
  }
  const auto policy = reception.ports().policy.Current();
  return ToProto(*page, ChangeView(*policy, reception.hooks()));
}

absl::StatusOr<v1::ListChangeHistoryResponse> History(Reception& reception, const Caller& caller,
                                                      const v1::ListChangeHistoryRequest& request) {
  const absl::StatusOr<core::ChangeId> id = ToChange(request);
  if (!id.ok()) {
    return id.status();
  }
  const absl::StatusOr<std::vector<ledger::Record>> records =
      use_cases::ChangeHistory(reception.ports(), caller.person, *id);
  if (!records.ok()) {
    return records.status();
  }
  return ToChangeHistory(*records);
}

absl::StatusOr<v1::GetChangeStatementResponse> Statement(
    Reception& reception, const Caller& caller, const v1::GetChangeStatementRequest& request) {
  const absl::StatusOr<ChangeStatementOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  absl::StatusOr<use_cases::ChangeStatementView> view = use_cases::ChangeStatementToSign(
      reception.ports(), caller.person, order->change, order->verdict);
  if (!view.ok()) {
    return view.status();
  }
  auto response = Showing<v1::GetChangeStatementResponse>(reception, view->seen, Depth::kWhole);
  response.set_statement(std::move(view->statement));
  response.set_digest(std::move(view->digest));
  return response;
}

absl::StatusOr<v1::ReviewChangeResponse> Review(Reception& reception, const Caller& caller,
                                                const v1::ReviewChangeRequest& request) {
  const absl::StatusOr<use_cases::ChangeReviewOrder> order = ToOrder(request, caller);
  if (!order.ok()) {
    return order.status();
  }
  return Changed<v1::ReviewChangeResponse>(reception,
                                           use_cases::ReviewChange(reception.ports(), *order));
}

absl::StatusOr<v1::DenyChangeResponse> Deny(Reception& reception, const Caller& caller,
                                            const v1::DenyChangeRequest& request) {
  const absl::StatusOr<ChangeDenyOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  return Changed<v1::DenyChangeResponse>(
      reception,
      use_cases::DenyChange(reception.ports(), caller.person, order->change, order->note));
}

// Methods that people write free text into come as bytes: see ParseText.
using ChangeServiceWithText = v1::ChangeService::WithRawCallbackMethod_PlanChange<
    v1::ChangeService::WithRawCallbackMethod_PlanUndo<
        v1::ChangeService::WithRawCallbackMethod_PlanDrop<
            v1::ChangeService::WithRawCallbackMethod_ReviewChange<
                v1::ChangeService::WithRawCallbackMethod_DenyChange<
                    v1::ChangeService::CallbackService>>>>>;

class ChangeService final : public ChangeServiceWithText {
 public:
  explicit ChangeService(Reception& reception) : reception_(reception) {}

  // Reading a script takes a process of its own for a while, so it is not for the lane of those
  // who want a lease ended.
  ServerUnaryReactor* PlanChange(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                 grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response),
                       {"jit.v1.ChangeService.PlanChange", Lane::kOpening},
                       WorkOn(ParseText<v1::PlanChangeRequest>(*bytes, kPlanBytesMax),
                              [this](const Caller& caller, const auto& asked) {
                                return PlanScript(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* PlanUndo(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                               grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ChangeService.PlanUndo"},
                       WorkOn(ParseText<v1::PlanUndoRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return PlanOn<v1::PlanUndoResponse>(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* PlanDrop(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                               grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ChangeService.PlanDrop"},
                       WorkOn(ParseText<v1::PlanDropRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return PlanOn<v1::PlanDropResponse>(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* GetChange(CallbackServerContext* context, const v1::GetChangeRequest* request,
                                v1::GetChangeResponse* response) override {
    return Serve(
        reception_, context, request, response, {"jit.v1.ChangeService.GetChange"},
        [this](const Caller& caller, const auto& asked) { return Get(reception_, caller, asked); });
  }

  ServerUnaryReactor* WaitChange(CallbackServerContext* context,
                                 const v1::WaitChangeRequest* request,
                                 v1::WaitChangeResponse* response) override {
    return Call::Begin(
        reception_, context, Into(response), {"jit.v1.ChangeService.WaitChange", Lane::kLooking},
        [waiting = std::make_shared<ChangeWaiting>(reception_, *request)](const Caller& caller) {
          return waiting->Look(caller);
        });
  }

  ServerUnaryReactor* SubmitChange(CallbackServerContext* context,
                                   const v1::SubmitChangeRequest* request,
                                   v1::SubmitChangeResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ChangeService.SubmitChange"},
                 [this](const Caller& caller, const auto& asked) {
                   return Decide<v1::SubmitChangeResponse>(reception_, caller, asked,
                                                           &use_cases::SubmitChange);
                 });
  }

  ServerUnaryReactor* WithdrawChange(CallbackServerContext* context,
                                     const v1::WithdrawChangeRequest* request,
                                     v1::WithdrawChangeResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ChangeService.WithdrawChange"},
                 [this](const Caller& caller, const auto& asked) {
                   return Decide<v1::WithdrawChangeResponse>(reception_, caller, asked,
                                                             &use_cases::WithdrawChange);
                 });
  }

  ServerUnaryReactor* ApplyChange(CallbackServerContext* context,
                                  const v1::ApplyChangeRequest* request,
                                  v1::ApplyChangeResponse* response) override {
    return Serve(reception_, context, request, response,
                 {"jit.v1.ChangeService.ApplyChange", Lane::kOpening},
                 [this](const Caller& caller, const auto& asked) {
                   return Apply(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* CancelChange(CallbackServerContext* context,
                                   const v1::CancelChangeRequest* request,
                                   v1::CancelChangeResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ChangeService.CancelChange"},
                 [this](const Caller& caller, const auto& asked) {
                   return Cancel(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ListChanges(CallbackServerContext* context,
                                  const v1::ListChangesRequest* request,
                                  v1::ListChangesResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ChangeService.ListChanges"},
                 [this](const Caller& caller, const auto& asked) {
                   return List(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ListChangeHistory(CallbackServerContext* context,
                                        const v1::ListChangeHistoryRequest* request,
                                        v1::ListChangeHistoryResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ChangeService.ListChangeHistory"},
                 [this](const Caller& caller, const auto& asked) {
                   return History(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* GetChangeStatement(CallbackServerContext* context,
                                         const v1::GetChangeStatementRequest* request,
                                         v1::GetChangeStatementResponse* response) override {
    return Serve(reception_, context, request, response,
                 {"jit.v1.ChangeService.GetChangeStatement"},
                 [this](const Caller& caller, const auto& asked) {
                   return Statement(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ReviewChange(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                   grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ChangeService.ReviewChange"},
                       WorkOn(ParseText<v1::ReviewChangeRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Review(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* DenyChange(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                 grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ChangeService.DenyChange"},
                       WorkOn(ParseText<v1::DenyChangeRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Deny(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* ListRowChanges(CallbackServerContext* context,
                                     const v1::ListRowChangesRequest* request,
                                     v1::ListRowChangesResponse* response) override {
    return Serve(reception_, context, request, response,
                 {"jit.v1.ChangeService.ListRowChanges", Lane::kOpening},
                 [this](const Caller& caller, const auto& asked) {
                   return RowSteps(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ListRows(CallbackServerContext* context, const v1::ListRowsRequest* request,
                               v1::ListRowsResponse* response) override {
    return Serve(reception_, context, request, response,
                 {"jit.v1.ChangeService.ListRows", Lane::kOpening},
                 [this](const Caller& caller, const auto& asked) {
                   return RowsOfStep(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ListKept(CallbackServerContext* context, const v1::ListKeptRequest* request,
                               v1::ListKeptResponse* response) override {
    return Serve(reception_, context, request, response,
                 {"jit.v1.ChangeService.ListKept", Lane::kOpening},
                 [this](const Caller& caller, const auto& asked) {
                   return KeptThings(reception_, caller, asked);
                 });
  }

 private:
  Reception& reception_;
};

}  // namespace

ServiceOwner MakeChangeService(Reception& reception) {
  return {new ChangeService(reception), [](grpc::Service* service) { delete service; }};
}

}  // namespace jit::rpc
