#include "tests/client/fake_broker.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "client/channel/refusal_text.h"
#include "jit/v1/change_service.grpc.pb.h"
#include "jit/v1/lease_service.grpc.pb.h"
#include "jit/v1/review_service.grpc.pb.h"

namespace jit::testing {

class FakeBroker::Services {
 public:
  Services(FakeBroker& broker, const std::string& address,
           const std::shared_ptr<grpc::ServerCredentials>& credentials)
      : broker_(broker) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, credentials, &port_);
    builder.RegisterService(&lease_);
    builder.RegisterService(&review_);
    builder.RegisterService(&change_);
    server_ = builder.BuildAndStart();
  }
  ~Services() { Stop(); }
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  void Stop() {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  int port() const { return port_; }
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  struct Lease final : v1::LeaseService::Service {
    explicit Lease(Services& services) : services_(services) {}
    grpc::Status WhoAmI(grpc::ServerContext* context, const v1::WhoAmIRequest* request,
                        v1::WhoAmIResponse* response) override {
      return services_.Answer("WhoAmI", services_.broker_.who_am_i, context, *request, response);
    }
    grpc::Status ListRoles(grpc::ServerContext* context, const v1::ListRolesRequest* request,
                           v1::ListRolesResponse* response) override {
      return services_.Answer("ListRoles", services_.broker_.list_roles, context, *request,
                              response);
    }
    grpc::Status ListApprovers(grpc::ServerContext* context,
                               const v1::ListApproversRequest* request,
                               v1::ListApproversResponse* response) override {
      return services_.Answer("ListApprovers", services_.broker_.list_approvers, context, *request,
                              response);
    }
    grpc::Status CreateLease(grpc::ServerContext* context, const v1::CreateLeaseRequest* request,
                             v1::CreateLeaseResponse* response) override {
      return services_.Answer("CreateLease", services_.broker_.create_lease, context, *request,
                              response);
    }
    grpc::Status BreakGlass(grpc::ServerContext* context, const v1::BreakGlassRequest* request,
                            v1::BreakGlassResponse* response) override {
      return services_.Answer("BreakGlass", services_.broker_.break_glass, context, *request,
                              response);
    }
    grpc::Status OpenLease(grpc::ServerContext* context, const v1::OpenLeaseRequest* request,
                           v1::OpenLeaseResponse* response) override {
      return services_.Answer("OpenLease", services_.broker_.open_lease, context, *request,
                              response);
    }
    grpc::Status EndLease(grpc::ServerContext* context, const v1::EndLeaseRequest* request,
                          v1::EndLeaseResponse* response) override {
      return services_.Answer("EndLease", services_.broker_.end_lease, context, *request, response);
    }
    grpc::Status WithdrawLease(grpc::ServerContext* context,
                               const v1::WithdrawLeaseRequest* request,
                               v1::WithdrawLeaseResponse* response) override {
      return services_.Answer("WithdrawLease", services_.broker_.withdraw_lease, context, *request,
                              response);
    }
    grpc::Status GetLease(grpc::ServerContext* context, const v1::GetLeaseRequest* request,
                          v1::GetLeaseResponse* response) override {
      return services_.Answer("GetLease", services_.broker_.get_lease, context, *request, response);
    }
    grpc::Status WaitLease(grpc::ServerContext* context, const v1::WaitLeaseRequest* request,
                           v1::WaitLeaseResponse* response) override {
      return services_.Answer("WaitLease", services_.broker_.wait_lease, context, *request,
                              response);
    }
    grpc::Status ListLeases(grpc::ServerContext* context, const v1::ListLeasesRequest* request,
                            v1::ListLeasesResponse* response) override {
      return services_.Answer("ListLeases", services_.broker_.list_leases, context, *request,
                              response);
    }
    grpc::Status ListHistory(grpc::ServerContext* context, const v1::ListHistoryRequest* request,
                             v1::ListHistoryResponse* response) override {
      return services_.Answer("ListHistory", services_.broker_.list_history, context, *request,
                              response);
    }
    Services& services_;
  };
  struct Review final : v1::ReviewService::Service {
    explicit Review(Services& services) : services_(services) {}
    grpc::Status ListInbox(grpc::ServerContext* context, const v1::ListInboxRequest* request,
                           v1::ListInboxResponse* response) override {
      return services_.Answer("ListInbox", services_.broker_.list_inbox, context, *request,
                              response);
    }
    grpc::Status GetStatement(grpc::ServerContext* context, const v1::GetStatementRequest* request,
                              v1::GetStatementResponse* response) override {
      return services_.Answer("GetStatement", services_.broker_.get_statement, context, *request,
                              response);
    }
    grpc::Status ApproveLease(grpc::ServerContext* context, const v1::ApproveLeaseRequest* request,
                              v1::ApproveLeaseResponse* response) override {
      return services_.Answer("ApproveLease", services_.broker_.approve_lease, context, *request,
                              response);
    }
    grpc::Status DenyLease(grpc::ServerContext* context, const v1::DenyLeaseRequest* request,
                           v1::DenyLeaseResponse* response) override {
      return services_.Answer("DenyLease", services_.broker_.deny_lease, context, *request,
                              response);
    }
    grpc::Status RevokeLease(grpc::ServerContext* context, const v1::RevokeLeaseRequest* request,
                             v1::RevokeLeaseResponse* response) override {
      return services_.Answer("RevokeLease", services_.broker_.revoke_lease, context, *request,
                              response);
    }
    grpc::Status ReviewBreakGlass(grpc::ServerContext* context,
                                  const v1::ReviewBreakGlassRequest* request,
                                  v1::ReviewBreakGlassResponse* response) override {
      return services_.Answer("ReviewBreakGlass", services_.broker_.review_break_glass, context,
                              *request, response);
    }
    grpc::Status AcceptResidue(grpc::ServerContext* context,
                               const v1::AcceptResidueRequest* request,
                               v1::AcceptResidueResponse* response) override {
      return services_.Answer("AcceptResidue", services_.broker_.accept_residue, context, *request,
                              response);
    }
    Services& services_;
  };

  struct Change final : v1::ChangeService::Service {
    explicit Change(Services& services) : services_(services) {}
    grpc::Status PlanChange(grpc::ServerContext* context, const v1::PlanChangeRequest* request,
                            v1::PlanChangeResponse* response) override {
      return services_.Answer("PlanChange", services_.broker_.plan_change, context, *request,
                              response);
    }
    grpc::Status PlanUndo(grpc::ServerContext* context, const v1::PlanUndoRequest* request,
                          v1::PlanUndoResponse* response) override {
      return services_.Answer("PlanUndo", services_.broker_.plan_undo, context, *request, response);
    }
    grpc::Status PlanDrop(grpc::ServerContext* context, const v1::PlanDropRequest* request,
                          v1::PlanDropResponse* response) override {
      return services_.Answer("PlanDrop", services_.broker_.plan_drop, context, *request, response);
    }
    grpc::Status GetChange(grpc::ServerContext* context, const v1::GetChangeRequest* request,
                           v1::GetChangeResponse* response) override {
      return services_.Answer("GetChange", services_.broker_.get_change, context, *request,
                              response);
    }
    grpc::Status WaitChange(grpc::ServerContext* context, const v1::WaitChangeRequest* request,
                            v1::WaitChangeResponse* response) override {
      return services_.Answer("WaitChange", services_.broker_.wait_change, context, *request,
                              response);
    }
    grpc::Status SubmitChange(grpc::ServerContext* context, const v1::SubmitChangeRequest* request,
                              v1::SubmitChangeResponse* response) override {
      return services_.Answer("SubmitChange", services_.broker_.submit_change, context, *request,
                              response);
    }
    grpc::Status WithdrawChange(grpc::ServerContext* context,
                                const v1::WithdrawChangeRequest* request,
                                v1::WithdrawChangeResponse* response) override {
      return services_.Answer("WithdrawChange", services_.broker_.withdraw_change, context,
                              *request, response);
    }
    grpc::Status ApplyChange(grpc::ServerContext* context, const v1::ApplyChangeRequest* request,
                             v1::ApplyChangeResponse* response) override {
      return services_.Answer("ApplyChange", services_.broker_.apply_change, context, *request,
                              response);
    }
    grpc::Status CancelChange(grpc::ServerContext* context, const v1::CancelChangeRequest* request,
                              v1::CancelChangeResponse* response) override {
      return services_.Answer("CancelChange", services_.broker_.cancel_change, context, *request,
                              response);
    }
    grpc::Status ListChanges(grpc::ServerContext* context, const v1::ListChangesRequest* request,
                             v1::ListChangesResponse* response) override {
      return services_.Answer("ListChanges", services_.broker_.list_changes, context, *request,
                              response);
    }
    grpc::Status ListChangeHistory(grpc::ServerContext* context,
                                   const v1::ListChangeHistoryRequest* request,
                                   v1::ListChangeHistoryResponse* response) override {
      return services_.Answer("ListChangeHistory", services_.broker_.list_change_history, context,
                              *request, response);
    }
    grpc::Status GetChangeStatement(grpc::ServerContext* context,
                                    const v1::GetChangeStatementRequest* request,
                                    v1::GetChangeStatementResponse* response) override {
      return services_.Answer("GetChangeStatement", services_.broker_.get_change_statement, context,
                              *request, response);
    }
    grpc::Status ReviewChange(grpc::ServerContext* context, const v1::ReviewChangeRequest* request,
                              v1::ReviewChangeResponse* response) override {
      return services_.Answer("ReviewChange", services_.broker_.review_change, context, *request,
                              response);
    }
    grpc::Status DenyChange(grpc::ServerContext* context, const v1::DenyChangeRequest* request,
                            v1::DenyChangeResponse* response) override {
      return services_.Answer("DenyChange", services_.broker_.deny_change, context, *request,
                              response);
    }
    grpc::Status ListRowChanges(grpc::ServerContext* context,
                                const v1::ListRowChangesRequest* request,
                                v1::ListRowChangesResponse* response) override {
      return services_.Answer("ListRowChanges", services_.broker_.list_row_changes, context,
                              *request, response);
    }
    grpc::Status ListRows(grpc::ServerContext* context, const v1::ListRowsRequest* request,
                          v1::ListRowsResponse* response) override {
      return services_.Answer("ListRows", services_.broker_.list_rows, context, *request, response);
    }
    grpc::Status ListKept(grpc::ServerContext* context, const v1::ListKeptRequest* request,
                          v1::ListKeptResponse* response) override {
      return services_.Answer("ListKept", services_.broker_.list_kept, context, *request, response);
    }
    Services& services_;
  };

  template <class Script, class Request, class Response>
  grpc::Status Answer(const char* method, const Script& script, grpc::ServerContext* context,
                      const Request& request, Response* response) {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back(method);
    if (!broker_.notices.unreviewed().empty()) {
      context->AddTrailingMetadata("jit-notices-bin", broker_.notices.SerializeAsString());
    }
    if (!script) return {grpc::StatusCode::UNIMPLEMENTED, "no script"};
    const absl::Status status = script(request, response);
    if (const auto refusal = channel::RefusalOf(status)) {
      context->AddTrailingMetadata("jit-refusal-bin", refusal->SerializeAsString());
    }
    return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
  }

  FakeBroker& broker_;
  int port_ = 0;
  Lease lease_{*this};
  Review review_{*this};
  Change change_{*this};
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
};

FakeBroker::FakeBroker() {
  std::string pattern = std::filesystem::temp_directory_path() / "jit_fake_broker_XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  folder_ = pattern;
  address_ = "unix:" + folder_ + "/socket";
  services_ = std::make_unique<Services>(*this, address_, grpc::InsecureServerCredentials());
}

FakeBroker::FakeBroker(const Tls& tls) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls.authorities_pem;
  options.pem_key_cert_pairs.push_back({tls.key_pem, tls.certificate_pem});
  services_ = std::make_unique<Services>(*this, "localhost:0", grpc::SslServerCredentials(options));
  address_ = "localhost:" + std::to_string(services_->port());
}

FakeBroker::~FakeBroker() {
  services_->Stop();
  if (folder_.empty()) return;
  std::error_code ignored;  // the folder is the test's own, under the temporary folder
  std::filesystem::remove_all(folder_, ignored);
}

channel::Connect FakeBroker::connect() const {
  return [this](console::Console& console) -> absl::StatusOr<std::unique_ptr<channel::Broker>> {
    return std::make_unique<channel::Broker>(
        grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()), address_, console);
  };
}

std::vector<std::string> FakeBroker::calls() const {
  return services_->calls();
}

void FakeBroker::Kill() {
  services_->Stop();
}

absl::Status RefuseWith(v1::RefusalReason reason, const std::string& detail) {
  v1::Refusal refusal;
  refusal.set_reason(reason);
  refusal.set_detail(detail);
  return channel::Refused(absl::StatusCode::kPermissionDenied, refusal);
}

}  // namespace jit::testing
