#include "broker/core/policy/judge.h"
#include "broker/records/lease_events.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/convert_requests.h"
#include "broker/rpc/serve.h"
#include "broker/rpc/services.h"
#include "broker/use_cases/ask.h"
#include "broker/use_cases/end.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/open.h"
#include "jit/v1/lease_service.grpc.pb.h"

namespace jit::rpc {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using use_cases::SeenLease;

template <class Response>
Response Showing(Reception& reception, const SeenLease& seen) {
  const auto policy = reception.ports().policy.Current();
  Response response;
  *response.mutable_lease() = LeaseView(*policy, reception.ports()).Show(seen);
  return response;
}

// Answers with the lease after a mutation, and lets the sweeper know when it owes something.
template <class Response>
absl::StatusOr<Response> Changed(Reception& reception, const absl::StatusOr<SeenLease>& seen) {
  if (!seen.ok()) {
    return seen.status();
  }
  reception.WakeFor(*seen);
  return Showing<Response>(reception, *seen);
}

absl::StatusOr<v1::WhoAmIResponse> WhoAmI(Reception& reception, const Caller& caller) {
  const absl::StatusOr<std::optional<core::LeaseId>> debt =
      use_cases::DebtOf(reception.ports(), caller.person);
  if (!debt.ok()) {
    return debt.status();
  }
  v1::WhoAmIResponse response;
  response.set_person(caller.person.text());
  response.set_identity(caller.identity);
  for (const core::GroupName& group : caller.groups) {
    response.add_groups(group.text());
  }
  response.set_manager(caller.manager.has_value() ? caller.manager->text() : "");
  SetTime(caller.not_after, response.mutable_certificate_expire_time());
  response.set_broker_version(reception.hooks().version);
  response.set_debt_lease(debt->has_value() ? (*debt)->text() : "");
  return response;
}

absl::StatusOr<v1::ListRolesResponse> ListRoles(Reception& reception, const Caller& caller,
                                                const v1::ListRolesRequest& request) {
  const absl::StatusOr<std::optional<core::TargetName>> filter = ToFilter(request);
  if (!filter.ok()) {
    return filter.status();
  }
  const auto policy = reception.ports().policy.Current();
  const LeaseView view(*policy, reception.ports());
  v1::ListRolesResponse response;
  for (const use_cases::Offer& offer : use_cases::OffersFor(*policy, caller.person)) {
    if (!filter->has_value() || **filter == offer.target) {
      *response.add_roles() = ToProto(offer, view, caller.person);
    }
  }
  for (const use_cases::ChangeOffer& offer : use_cases::ChangeOffersFor(*policy, caller.person)) {
    if (!filter->has_value() || **filter == offer.target) {
      *response.add_changes() = ToProto(offer, view, caller.person);
    }
  }
  return response;
}

absl::StatusOr<v1::ListApproversResponse> ListApprovers(Reception& reception, const Caller& caller,
                                                        const v1::ListApproversRequest& request) {
  const absl::StatusOr<policy::Bid> bid = ToBid(request, caller);
  if (!bid.ok()) {
    return bid.status();
  }
  const auto policy = reception.ports().policy.Current();
  const absl::StatusOr<policy::Terms> terms = policy::Judge(*policy, *bid);
  if (!terms.ok()) {
    return terms.status();
  }
  v1::ListApproversResponse response;
  response.set_rule(terms->rule.text());
  for (const policy::Seat& seat : terms->seats) {
    *response.add_seats() = LeaseView(*policy, reception.ports()).Show(seat, caller.person);
  }
  return response;
}

template <class Response, class Request>
absl::StatusOr<Response> Ask(Reception& reception, const Caller& caller, const Request& request) {
  const absl::StatusOr<use_cases::AskOrder> order = ToOrder(request, caller);
  if (!order.ok()) {
    return order.status();
  }
  return Changed<Response>(reception, use_cases::AskForLease(reception.ports(), *order));
}

absl::StatusOr<v1::OpenLeaseResponse> Open(Reception& reception, const Caller& caller,
                                           const v1::OpenLeaseRequest& request) {
  const absl::StatusOr<OpenOrder> order = ToOrder(request);
  if (!order.ok()) {
    return order.status();
  }
  return Changed<v1::OpenLeaseResponse>(
      reception,
      use_cases::OpenLease(reception.ports(), caller.person, order->lease, order->verifier));
}

absl::StatusOr<v1::GetLeaseResponse> Get(Reception& reception, const Caller& caller,
                                         const v1::GetLeaseRequest& request) {
  const absl::StatusOr<core::LeaseId> id = ToLease(request);
  if (!id.ok()) {
    return id.status();
  }
  const absl::StatusOr<SeenLease> seen =
      use_cases::LoadLeaseFor(reception.ports(), *id, caller.person);
  if (!seen.ok()) {
    return seen.status();
  }
  return Showing<v1::GetLeaseResponse>(reception, *seen);
}

absl::StatusOr<v1::ListLeasesResponse> List(Reception& reception, const Caller& caller,
                                            const v1::ListLeasesRequest& request) {
  const absl::StatusOr<use_cases::ListOrder> order = ToOrder(request, caller);
  if (!order.ok()) {
    return order.status();
  }
  const absl::StatusOr<use_cases::LeasePage> page =
      use_cases::ListLeases(reception.ports(), *order);
  if (!page.ok()) {
    return page.status();
  }
  const auto policy = reception.ports().policy.Current();
  return ToProto(*page, LeaseView(*policy, reception.ports()));
}

absl::StatusOr<v1::ListHistoryResponse> History(Reception& reception, const Caller& caller,
                                                const v1::ListHistoryRequest& request) {
  const absl::StatusOr<core::LeaseId> id = ToLease(request);
  if (!id.ok()) {
    return id.status();
  }
  const absl::StatusOr<std::vector<ledger::Record>> records =
      use_cases::History(reception.ports(), caller.person, *id);
  if (!records.ok()) {
    return records.status();
  }
  return ToProto(*records);
}

// Somebody who waits for news of a lease: one look at a time, without holding a thread between.
class Waiting {
 public:
  Waiting(Reception& reception, v1::WaitLeaseRequest request)
      : reception_(reception), request_(std::move(request)) {}

  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Look(const Caller& caller) {
    if (!order_.has_value()) {
      absl::StatusOr<WaitOrder> order = ToOrder(request_);
      if (!order.ok()) {
        return order.status();
      }
      looks_left_ = reception_.crew().LooksIn(order->wait);
      order_ = *std::move(order);
      return LookClosely(caller);
    }
    --looks_left_;
    const absl::StatusOr<std::int64_t> version =
        reception_.ports().journal.VersionOf(records::StreamOf(order_->lease));
    if (!version.ok()) {
      return version.status();
    }
    if (*version == seen_version_ && looks_left_ > 0 && !reception_.draining()) {
      return nullptr;
    }
    return LookClosely(caller);
  }

 private:
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> LookClosely(const Caller& caller) {
    const absl::StatusOr<SeenLease> seen =
        use_cases::LoadLeaseFor(reception_.ports(), order_->lease, caller.person);
    if (!seen.ok()) {
      return seen.status();
    }
    seen_version_ = seen->version;
    if (seen->version <= order_->known_version && looks_left_ > 0 && !reception_.draining()) {
      return nullptr;
    }
    return std::make_unique<v1::WaitLeaseResponse>(
        Showing<v1::WaitLeaseResponse>(reception_, *seen));
  }

  Reception& reception_;
  const v1::WaitLeaseRequest request_;
  std::optional<WaitOrder> order_;
  std::int64_t looks_left_ = 0;
  std::int64_t seen_version_ = 0;
};

// Only a lease that may be opened in the same breath can have to wait for a target.
Lane LaneOf(const absl::StatusOr<v1::CreateLeaseRequest>& request) {
  const bool opens = request.ok() && !request->scram_verifier().empty();
  return opens ? Lane::kOpening : Lane::kDeciding;
}

// Methods that people write free text into come as bytes: see ParseText.
using LeaseServiceWithText = v1::LeaseService::WithRawCallbackMethod_CreateLease<
    v1::LeaseService::WithRawCallbackMethod_BreakGlass<v1::LeaseService::CallbackService>>;

class LeaseService final : public LeaseServiceWithText {
 public:
  explicit LeaseService(Reception& reception) : reception_(reception) {}

  ServerUnaryReactor* WhoAmI(CallbackServerContext* context, const v1::WhoAmIRequest* request,
                             v1::WhoAmIResponse* response) override {
    return Serve(
        reception_, context, request, response, {"jit.v1.LeaseService.WhoAmI"},
        [this](const Caller& caller, const auto&) { return rpc::WhoAmI(reception_, caller); });
  }

  ServerUnaryReactor* ListRoles(CallbackServerContext* context, const v1::ListRolesRequest* request,
                                v1::ListRolesResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.LeaseService.ListRoles"},
                 [this](const Caller& caller, const auto& asked) {
                   return rpc::ListRoles(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ListApprovers(CallbackServerContext* context,
                                    const v1::ListApproversRequest* request,
                                    v1::ListApproversResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.LeaseService.ListApprovers"},
                 [this](const Caller& caller, const auto& asked) {
                   return rpc::ListApprovers(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* CreateLease(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                  grpc::ByteBuffer* response) override {
    auto request = ParseText<v1::CreateLeaseRequest>(*bytes);
    const Method method{"jit.v1.LeaseService.CreateLease", LaneOf(request)};
    return Call::Begin(reception_, context, Into(response), method,
                       WorkOn(std::move(request), [this](const Caller& caller, const auto& asked) {
                         return Ask<v1::CreateLeaseResponse>(reception_, caller, asked);
                       }));
  }

  ServerUnaryReactor* BreakGlass(CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                 grpc::ByteBuffer* response) override {
    return Call::Begin(reception_, context, Into(response),
                       {"jit.v1.LeaseService.BreakGlass", Lane::kOpening},
                       WorkOn(ParseText<v1::BreakGlassRequest>(*bytes),
                              [this](const Caller& caller, const auto& asked) {
                                return Ask<v1::BreakGlassResponse>(reception_, caller, asked);
                              }));
  }

  ServerUnaryReactor* OpenLease(CallbackServerContext* context, const v1::OpenLeaseRequest* request,
                                v1::OpenLeaseResponse* response) override {
    return Serve(reception_, context, request, response,
                 {"jit.v1.LeaseService.OpenLease", Lane::kOpening},
                 [this](const Caller& caller, const auto& asked) {
                   return Open(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* EndLease(CallbackServerContext* context, const v1::EndLeaseRequest* request,
                               v1::EndLeaseResponse* response) override {
    return Serve(
        reception_, context, request, response, {"jit.v1.LeaseService.EndLease"},
        [this](const Caller& caller, const auto& asked) -> absl::StatusOr<v1::EndLeaseResponse> {
          const absl::StatusOr<core::LeaseId> id = ToLease(asked);
          if (!id.ok()) {
            return id.status();
          }
          return Changed<v1::EndLeaseResponse>(
              reception_, use_cases::EndLease(reception_.ports(), caller.person, *id));
        });
  }

  ServerUnaryReactor* WithdrawLease(CallbackServerContext* context,
                                    const v1::WithdrawLeaseRequest* request,
                                    v1::WithdrawLeaseResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.LeaseService.WithdrawLease"},
                 [this](const Caller& caller,
                        const auto& asked) -> absl::StatusOr<v1::WithdrawLeaseResponse> {
                   const absl::StatusOr<core::LeaseId> id = ToLease(asked);
                   if (!id.ok()) {
                     return id.status();
                   }
                   return Changed<v1::WithdrawLeaseResponse>(
                       reception_,
                       use_cases::WithdrawLease(reception_.ports(), caller.person, *id));
                 });
  }

  ServerUnaryReactor* GetLease(CallbackServerContext* context, const v1::GetLeaseRequest* request,
                               v1::GetLeaseResponse* response) override {
    return Serve(
        reception_, context, request, response, {"jit.v1.LeaseService.GetLease"},
        [this](const Caller& caller, const auto& asked) { return Get(reception_, caller, asked); });
  }

  ServerUnaryReactor* WaitLease(CallbackServerContext* context, const v1::WaitLeaseRequest* request,
                                v1::WaitLeaseResponse* response) override {
    return Call::Begin(
        reception_, context, Into(response), {"jit.v1.LeaseService.WaitLease", Lane::kLooking},
        [waiting = std::make_shared<Waiting>(reception_, *request)](const Caller& caller) {
          return waiting->Look(caller);
        });
  }

  ServerUnaryReactor* ListLeases(CallbackServerContext* context,
                                 const v1::ListLeasesRequest* request,
                                 v1::ListLeasesResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.LeaseService.ListLeases"},
                 [this](const Caller& caller, const auto& asked) {
                   return List(reception_, caller, asked);
                 });
  }

  ServerUnaryReactor* ListHistory(CallbackServerContext* context,
                                  const v1::ListHistoryRequest* request,
                                  v1::ListHistoryResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.LeaseService.ListHistory"},
                 [this](const Caller& caller, const auto& asked) {
                   return History(reception_, caller, asked);
                 });
  }

 private:
  Reception& reception_;
};

}  // namespace

ServiceOwner MakeLeaseService(Reception& reception) {
  return {new LeaseService(reception), [](grpc::Service* service) { delete service; }};
}

}  // namespace jit::rpc
