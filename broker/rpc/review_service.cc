#include "broker/rpc/convert_answers.h"
#include "broker/rpc/convert_change_answers.h"
#include "broker/rpc/convert_requests.h"
#include "broker/rpc/serve.h"
#include "broker/rpc/services.h"
#include "broker/use_cases/end.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/look_up_changes.h"
#include "broker/use_cases/review.h"
#include "jit/v1/review_service.grpc.pb.h"

namespace jit::rpc {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using use_cases::SeenLease;

// Answers with the lease after a decision; one that ended it is for the sweeper to carry out.
template <class Response>
absl::StatusOr<Response> Decided(Reception& reception, const absl::StatusOr<SeenLease>& seen) {
  if (!seen.ok()) {
    return seen.status();
  }
  reception.WakeFor(*seen);
  const auto policy = reception.ports().policy.Current();
  Response response;
  *response.mutable_lease() = LeaseView(*policy, reception.ports()).Show(*seen);
  return response;
}

absl::StatusOr<v1::ListInboxResponse> Inbox(Reception& reception, const Caller& caller) {
  const absl::StatusOr<use_cases::Inbox> inbox =
      use_cases::InboxOf(reception.ports(), caller.person);
  if (!inbox.ok()) {
    return inbox.status();
  }
  const absl::StatusOr<std::vector<use_cases::SeenChange>> changes =
      use_cases::ChangeInbox(reception.ports(), caller.person);
  if (!changes.ok()) {
    return changes.status();
  }
  const auto policy = reception.ports().policy.Current();
  v1::ListInboxResponse response = ToProto(*inbox, LeaseView(*policy, reception.ports()));
  AddTo(response, *changes, ChangeView(*policy, reception.hooks()));
  return response;
}

absl::StatusOr<v1::GetStatementResponse> Statement(Reception& reception, const Caller& caller,
                                                   const v1::GetStatementRequest& request) {
  const absl::StatusOr<StatementOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  absl::StatusOr<use_cases::StatementView> view =
      use_cases::StatementToSign(reception.ports(), caller.person, order->lease, order->decision);
  if (!view.ok()) {
    return view.status();
  }
  const auto policy = reception.ports().policy.Current();
  v1::GetStatementResponse response;
  *response.mutable_lease() = LeaseView(*policy, reception.ports()).Show(view->seen);
  response.set_statement(std::move(view->statement));
  response.set_digest(std::move(view->digest));
  return response;
}

// Approve, deny, review, accept: the order says which.
template <class Response, class Request>
absl::StatusOr<Response> Review(Reception& reception, const Caller& caller,
                                const Request& request) {
  const absl::StatusOr<use_cases::ReviewOrder> order = ToOrder(request, caller);
  if (!order.ok()) {
    return order.status();
  }
  return Decided<Response>(reception, use_cases::ReviewLease(reception.ports(), *order));
}

absl::StatusOr<v1::RevokeLeaseResponse> Revoke(Reception& reception, const Caller& caller,
                                               const v1::RevokeLeaseRequest& request) {
  const absl::StatusOr<RevokeOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  return Decided<v1::RevokeLeaseResponse>(
      reception,
      use_cases::RevokeLease(reception.ports(), caller.person, order->lease, order->note));
}

// Methods that people write free text into come as bytes: see ParseText.
using ReviewServiceWithText = v1::ReviewService::WithRawCallbackMethod_ApproveLease<
    v1::ReviewService::WithRawCallbackMethod_DenyLease<
        v1::ReviewService::WithRawCallbackMethod_RevokeLease<
            v1::ReviewService::WithRawCallbackMethod_ReviewBreakGlass<
                v1::ReviewService::WithRawCallbackMethod_AcceptResidue<
                    v1::ReviewService::CallbackService>>>>>;

class ReviewService final : public ReviewServiceWithText {
 public:
  explicit ReviewService(Reception& reception) : reception_(reception) {}

  ServerUnaryReactor* ListInbox(CallbackServerContext* context, const v1::ListInboxRequest* request,
                                v1::ListInboxResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ReviewService.ListInbox"},
                 [this](const Caller& caller, const auto&) { return Inbox(reception_, caller); });
  }

  ServerUnaryReactor* GetStatement(CallbackServerContext* context,
                                   const v1::GetStatementRequest* request,
                                   v1::GetStatementResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.ReviewService.GetStatement"},
                 [this](const Caller& caller, const auto& asked) {
                   return Statement(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ApproveLease(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                   grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ReviewService.ApproveLease"},
                       WorkOn(ParseText<v1::ApproveLeaseRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Review<v1::ApproveLeaseResponse>(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* DenyLease(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ReviewService.DenyLease"},
                       WorkOn(ParseText<v1::DenyLeaseRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Review<v1::DenyLeaseResponse>(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* RevokeLease(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                  grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ReviewService.RevokeLease"},
                       WorkOn(ParseText<v1::RevokeLeaseRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Revoke(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* ReviewBreakGlass(CallbackServerContext* context,
                                       const grpc::ByteBuffer* bytes,
                                       grpc::ByteBuffer* response) override {
    return Call::Begin(
        reception_, context, Into(response), {"jit.v1.ReviewService.ReviewBreakGlass"},
        WorkOn(ParseText<v1::ReviewBreakGlassRequest>(*bytes),
               [this](const Caller& caller, const auto& asked) {
                 return Review<v1::ReviewBreakGlassResponse>(reception_, caller, asked);
               }));
  }

  ServerUnaryReactor* AcceptResidue(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                    grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response), {"jit.v1.ReviewService.AcceptResidue"},
                       WorkOn(ParseText<v1::AcceptResidueRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Review<v1::AcceptResidueResponse>(reception_, caller, asked);
                              }));
  }

 private:
  Reception& reception_;
};

}  // namespace

ServiceOwner MakeReviewService(Reception& reception) {
  return {new ReviewService(reception), [](grpc::Service* service) { delete service; }};
}

}  // namespace jit::rpc
