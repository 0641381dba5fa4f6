// A broker whose answers a test writes, behind a real gRPC server on a unix socket.
//
// Promises: a method without a script answers UNIMPLEMENTED; a script that returns a status made by
// channel::Refused is sent with the refusal's trailer; `notices` go with every answer. What was
// asked is kept in order. Scripts run on the server's threads, one at a time.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/channel/broker.h"
#include "jit/v1/refusal.pb.h"

namespace jit::testing {

class FakeBroker {
 public:
  template <class Request, class Response>
  using Script = std::function<absl::Status(const Request&, Response*)>;

  FakeBroker();
  // The same behind mTLS on localhost, at a free port. Clients must come with a certificate of one
  // of `authorities_pem`.
  struct Tls {
    std::string certificate_pem;
    std::string key_pem;
    std::string authorities_pem;
  };
  explicit FakeBroker(const Tls& tls);
  ~FakeBroker();
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  Script<v1::WhoAmIRequest, v1::WhoAmIResponse> who_am_i;
  Script<v1::ListRolesRequest, v1::ListRolesResponse> list_roles;
  Script<v1::ListApproversRequest, v1::ListApproversResponse> list_approvers;
  Script<v1::CreateLeaseRequest, v1::CreateLeaseResponse> create_lease;
  Script<v1::BreakGlassRequest, v1::BreakGlassResponse> break_glass;
  Script<v1::OpenLeaseRequest, v1::OpenLeaseResponse> open_lease;
  Script<v1::EndLeaseRequest, v1::EndLeaseResponse> end_lease;
  Script<v1::WithdrawLeaseRequest, v1::WithdrawLeaseResponse> withdraw_lease;
  Script<v1::GetLeaseRequest, v1::GetLeaseResponse> get_lease;
  Script<v1::WaitLeaseRequest, v1::WaitLeaseResponse> wait_lease;
  Script<v1::ListLeasesRequest, v1::ListLeasesResponse> list_leases;
  Script<v1::ListHistoryRequest, v1::ListHistoryResponse> list_history;
  Script<v1::ListInboxRequest, v1::ListInboxResponse> list_inbox;
  Script<v1::GetStatementRequest, v1::GetStatementResponse> get_statement;
  Script<v1::ApproveLeaseRequest, v1::ApproveLeaseResponse> approve_lease;
  Script<v1::DenyLeaseRequest, v1::DenyLeaseResponse> deny_lease;
  Script<v1::RevokeLeaseRequest, v1::RevokeLeaseResponse> revoke_lease;
  Script<v1::ReviewBreakGlassRequest, v1::ReviewBreakGlassResponse> review_break_glass;
  Script<v1::AcceptResidueRequest, v1::AcceptResidueResponse> accept_residue;
  Script<v1::PlanChangeRequest, v1::PlanChangeResponse> plan_change;
  Script<v1::PlanUndoRequest, v1::PlanUndoResponse> plan_undo;
  Script<v1::PlanDropRequest, v1::PlanDropResponse> plan_drop;
  Script<v1::GetChangeRequest, v1::GetChangeResponse> get_change;
  Script<v1::WaitChangeRequest, v1::WaitChangeResponse> wait_change;
  Script<v1::SubmitChangeRequest, v1::SubmitChangeResponse> submit_change;
  Script<v1::WithdrawChangeRequest, v1::WithdrawChangeResponse> withdraw_change;
  Script<v1::ApplyChangeRequest, v1::ApplyChangeResponse> apply_change;
  Script<v1::CancelChangeRequest, v1::CancelChangeResponse> cancel_change;
  Script<v1::ListChangesRequest, v1::ListChangesResponse> list_changes;
  Script<v1::ListChangeHistoryRequest, v1::ListChangeHistoryResponse> list_change_history;
  Script<v1::GetChangeStatementRequest, v1::GetChangeStatementResponse> get_change_statement;
  Script<v1::ReviewChangeRequest, v1::ReviewChangeResponse> review_change;
  Script<v1::DenyChangeRequest, v1::DenyChangeResponse> deny_change;
  Script<v1::ListRowChangesRequest, v1::ListRowChangesResponse> list_row_changes;
  Script<v1::ListRowsRequest, v1::ListRowsResponse> list_rows;
  Script<v1::ListKeptRequest, v1::ListKeptResponse> list_kept;

  v1::Notices notices;

  const std::string& address() const { return address_; }
  // For a program under test.
  channel::Connect connect() const;
  // The names of the methods called so far.
  std::vector<std::string> calls() const;
  // Stops answering, as after kill -9.
  void Kill();

 private:
  class Services;
  std::string folder_;
  std::string address_;
  std::unique_ptr<Services> services_;
};

// A refusal as a script returns it.
absl::Status RefuseWith(v1::RefusalReason reason, const std::string& detail = "");

}  // namespace jit::testing
