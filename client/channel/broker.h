// The broker, as a command sees it: one method per verb, a status for everything that can go wrong.
//
// Promises: an answer is the broker's, over a connection whose certificate one of our authorities
// signed; break-glass notices that came with it are on `err` before the answer is returned; a
// status is a refusal, unreachable or a fault (refusal_text.h). A call whose connection broke is
// made again with the same content, which is harmless, since mutations carry their idempotency id.
// No call takes longer than about 40 s. Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "client/channel/settings.h"
#include "client/console/console.h"
#include "jit/v1/change_service.pb.h"
#include "jit/v1/lease_service.pb.h"
#include "jit/v1/review_service.pb.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace jit::channel {

class Broker {
 public:
  // mTLS to settings.broker with these files. `console` must outlive the broker. Does not connect
  // yet. Errors are those of LoadIdentity.
  static absl::StatusOr<std::unique_ptr<Broker>> Create(const Settings& settings,
                                                        console::Console& console);
  // Over a channel that is there already; `address` is for texts only.
  Broker(std::shared_ptr<grpc::Channel> channel, std::string address, console::Console& console);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  absl::StatusOr<v1::WhoAmIResponse> Call(const v1::WhoAmIRequest& request);
  absl::StatusOr<v1::ListRolesResponse> Call(const v1::ListRolesRequest& request);
  absl::StatusOr<v1::ListApproversResponse> Call(const v1::ListApproversRequest& request);
  absl::StatusOr<v1::CreateLeaseResponse> Call(const v1::CreateLeaseRequest& request);
  absl::StatusOr<v1::BreakGlassResponse> Call(const v1::BreakGlassRequest& request);
  absl::StatusOr<v1::OpenLeaseResponse> Call(const v1::OpenLeaseRequest& request);
  absl::StatusOr<v1::EndLeaseResponse> Call(const v1::EndLeaseRequest& request);
  absl::StatusOr<v1::WithdrawLeaseResponse> Call(const v1::WithdrawLeaseRequest& request);
  absl::StatusOr<v1::GetLeaseResponse> Call(const v1::GetLeaseRequest& request);
  absl::StatusOr<v1::ListLeasesResponse> Call(const v1::ListLeasesRequest& request);
  absl::StatusOr<v1::ListHistoryResponse> Call(const v1::ListHistoryRequest& request);
  absl::StatusOr<v1::ListInboxResponse> Call(const v1::ListInboxRequest& request);
  absl::StatusOr<v1::GetStatementResponse> Call(const v1::GetStatementRequest& request);
  absl::StatusOr<v1::ApproveLeaseResponse> Call(const v1::ApproveLeaseRequest& request);
  absl::StatusOr<v1::DenyLeaseResponse> Call(const v1::DenyLeaseRequest& request);
  absl::StatusOr<v1::RevokeLeaseResponse> Call(const v1::RevokeLeaseRequest& request);
  absl::StatusOr<v1::ReviewBreakGlassResponse> Call(const v1::ReviewBreakGlassRequest& request);
  absl::StatusOr<v1::AcceptResidueResponse> Call(const v1::AcceptResidueRequest& request);
  absl::StatusOr<v1::PlanChangeResponse> Call(const v1::PlanChangeRequest& request);
  absl::StatusOr<v1::PlanUndoResponse> Call(const v1::PlanUndoRequest& request);
  absl::StatusOr<v1::PlanDropResponse> Call(const v1::PlanDropRequest& request);
  absl::StatusOr<v1::GetChangeResponse> Call(const v1::GetChangeRequest& request);
  absl::StatusOr<v1::SubmitChangeResponse> Call(const v1::SubmitChangeRequest& request);
  absl::StatusOr<v1::WithdrawChangeResponse> Call(const v1::WithdrawChangeRequest& request);
  absl::StatusOr<v1::ApplyChangeResponse> Call(const v1::ApplyChangeRequest& request);
  absl::StatusOr<v1::CancelChangeResponse> Call(const v1::CancelChangeRequest& request);
  absl::StatusOr<v1::ListChangesResponse> Call(const v1::ListChangesRequest& request);
  absl::StatusOr<v1::ListChangeHistoryResponse> Call(const v1::ListChangeHistoryRequest& request);
  absl::StatusOr<v1::GetChangeStatementResponse> Call(const v1::GetChangeStatementRequest& request);
  absl::StatusOr<v1::ReviewChangeResponse> Call(const v1::ReviewChangeRequest& request);
  absl::StatusOr<v1::DenyChangeResponse> Call(const v1::DenyChangeRequest& request);
  absl::StatusOr<v1::ListRowChangesResponse> Call(const v1::ListRowChangesRequest& request);
  absl::StatusOr<v1::ListRowsResponse> Call(const v1::ListRowsRequest& request);
  absl::StatusOr<v1::ListKeptResponse> Call(const v1::ListKeptRequest& request);

  // Waits for the lease or the change to change. `tick` is asked about five times a second and
  // first at once; when it says kStop, the call is taken back and the answer is kCancelled.
  enum class Tick { kGoOn, kStop };
  absl::StatusOr<v1::WaitLeaseResponse> Wait(const v1::WaitLeaseRequest& request,
                                             const std::function<Tick()>& tick);
  absl::StatusOr<v1::WaitChangeResponse> Wait(const v1::WaitChangeRequest& request,
                                              const std::function<Tick()>& tick);

  // A fresh idempotency id: 32 hex digits of the console's entropy.
  std::string NewIdempotencyId();

 private:
  struct Stubs;
  template <class Stub, class Request, class Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Invoke(Stub& stub, Method<Stub, Request, Response> method,
                                  const Request& request);
  // `start` begins the call and hands its end to the function it is given.
  template <class Response>
  absl::StatusOr<Response> Await(
      const std::function<void(grpc::ClientContext*, Response*,
                               std::function<void(const grpc::Status&)>)>& start,
      const std::function<Tick()>& tick);
  absl::Status Connected();

  const std::string address_;
  console::Console& console_;
  std::shared_ptr<grpc::Channel> channel_;  // gRPC hands channels out shared
  std::unique_ptr<Stubs> stubs_;
  std::set<std::string> notices_shown_;  // lease ids
};

// How a command gets at its broker: from flags and environment in main, from a fake in tests.
using Connect = std::function<absl::StatusOr<std::unique_ptr<Broker>>(console::Console&)>;

}  // namespace jit::channel
