#include "client/channel/broker.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/channel/notices.h"
#include "client/channel/refusal_text.h"
#include "client/channel/unreachable_text.h"
#include "jit/v1/change_service.grpc.pb.h"
#include "jit/v1/lease_service.grpc.pb.h"
#include "jit/v1/review_service.grpc.pb.h"

namespace jit::channel {
namespace {

constexpr absl::Duration kConnectTime = absl::Seconds(5);
constexpr absl::Duration kCallTime = absl::Seconds(30);
constexpr absl::Duration kWaitTime =
    absl::Seconds(40);  // the broker answers after 30 s at the latest
constexpr std::chrono::milliseconds kTickTime{200};
constexpr std::array kPauses = {absl::Milliseconds(300), absl::Milliseconds(1200)};

std::string TrailerOf(const grpc::ClientContext& context, const char* key) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(key);
  if (found == trailers.end()) return "";
  return {found->second.data(), found->second.size()};
}

// The broker puts "(fault ID)" into the sentence of every fault of its own; a status without it and
// without a refusal was made by gRPC on this side.
bool BrokerAnswered(const grpc::Status& status, const std::string& refusal) {
  return status.ok() || !refusal.empty() || absl::StrContains(status.error_message(), "(fault ");
}

bool ConnectionBroke(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE;
}

absl::Status ToStatus(const grpc::Status& status, const std::string& trailer,
                      const std::string& address) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  v1::Refusal refusal;
  if (!trailer.empty() && refusal.ParseFromString(trailer)) return Refused(code, refusal);
  // gRPC turns a large message away before our own code at the other end sees it.
  if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
      absl::StrContains(status.error_message(), "larger than max")) {
    refusal.set_reason(v1::REFUSAL_REASON_MESSAGE_TOO_LARGE);
    return Refused(code, refusal);
  }
  const bool lost = ConnectionBroke(status.error_code()) ||
                    status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (lost && !BrokerAnswered(status, trailer)) {
    return Unreachable(UnreachableText(address, status.error_message()));
  }
  return absl::Status(code, status.error_message());
}

// Relative: gRPC asks its own clock when the call is made.
gpr_timespec DeadlineAfter(absl::Duration time) {
  return gpr_time_from_millis(absl::ToInt64Milliseconds(time), GPR_TIMESPAN);
}

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  // Neither a proxy variable nor a DNS record decides whom we talk to, or how.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A change comes with its script, its reports and the statement about them.
  arguments.SetMaxReceiveMessageSize(16 * 1024 * 1024);
  return arguments;
}

}  // namespace

struct Broker::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : lease(v1::LeaseService::NewStub(channel)),
        review(v1::ReviewService::NewStub(channel)),
        change(v1::ChangeService::NewStub(channel)) {}
  std::unique_ptr<v1::LeaseService::Stub> lease;
  std::unique_ptr<v1::ReviewService::Stub> review;
  std::unique_ptr<v1::ChangeService::Stub> change;
};

absl::StatusOr<std::unique_ptr<Broker>> Broker::Create(const Settings& settings,
                                                       console::Console& console) {
  const absl::StatusOr<Identity> identity = LoadIdentity(settings, console.now());
  if (!identity.ok()) return identity.status();
  // What gRPC would write on standard error is said in our own words, once.
  gpr_set_log_function([](gpr_log_func_args*) {});
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity->authorities_pem;
  options.pem_cert_chain = identity->certificate_pem;
  options.pem_private_key = std::string(identity->key_pem.RevealForUse());
  auto channel =
      grpc::CreateCustomChannel(settings.broker, grpc::SslCredentials(options), Arguments());
  return std::make_unique<Broker>(std::move(channel), settings.broker, console);
}

Broker::Broker(std::shared_ptr<grpc::Channel> channel, std::string address,
               console::Console& console)
    : address_(std::move(address)),
      console_(console),
      channel_(std::move(channel)),
      stubs_(std::make_unique<Stubs>(channel_)) {}

Broker::~Broker() = default;

// Waits for the connection, but not for a broker that is not there: the first failure is answered.
absl::Status Broker::Connected() {
  const auto deadline = DeadlineAfter(kConnectTime);
  grpc_connectivity_state state = channel_->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY) {
    // The call itself is made then: it carries the cause, which the state does not.
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) return absl::OkStatus();
    if (!channel_->WaitForStateChange(state, deadline)) {
      return Unreachable(UnreachableText(address_, "timeout"));
    }
    state = channel_->GetState(/*try_to_connect=*/true);
  }
  return absl::OkStatus();
}

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Broker::Invoke(Stub& stub, Method<Stub, Request, Response> method,
                                        const Request& request) {
  for (std::size_t attempt = 0;; ++attempt) {
    absl::Status connected = Connected();
    if (!connected.ok()) return connected;
    const bool was_ready = channel_->GetState(false) == GRPC_CHANNEL_READY;
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(kCallTime));
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    const std::string refusal = TrailerOf(context, "jit-refusal-bin");
    ShowNotices(TrailerOf(context, "jit-notices-bin"), notices_shown_, console_);
    if (status.ok()) return response;
    const bool again = was_ready && ConnectionBroke(status.error_code()) &&
                       !BrokerAnswered(status, refusal) && attempt < kPauses.size();
    if (!again) return ToStatus(status, refusal, address_);
    console_.wait_readable(-1, kPauses[attempt]);
  }
}

absl::StatusOr<v1::WhoAmIResponse> Broker::Call(const v1::WhoAmIRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::WhoAmI, request);
}

absl::StatusOr<v1::ListRolesResponse> Broker::Call(const v1::ListRolesRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::ListRoles, request);
}

absl::StatusOr<v1::ListApproversResponse> Broker::Call(const v1::ListApproversRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::ListApprovers, request);
}

absl::StatusOr<v1::CreateLeaseResponse> Broker::Call(const v1::CreateLeaseRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::CreateLease, request);
}

absl::StatusOr<v1::BreakGlassResponse> Broker::Call(const v1::BreakGlassRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::BreakGlass, request);
}

absl::StatusOr<v1::OpenLeaseResponse> Broker::Call(const v1::OpenLeaseRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::OpenLease, request);
}

absl::StatusOr<v1::EndLeaseResponse> Broker::Call(const v1::EndLeaseRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::EndLease, request);
}

absl::StatusOr<v1::WithdrawLeaseResponse> Broker::Call(const v1::WithdrawLeaseRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::WithdrawLease, request);
}

absl::StatusOr<v1::GetLeaseResponse> Broker::Call(const v1::GetLeaseRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::GetLease, request);
}

absl::StatusOr<v1::ListLeasesResponse> Broker::Call(const v1::ListLeasesRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::ListLeases, request);
}

absl::StatusOr<v1::ListHistoryResponse> Broker::Call(const v1::ListHistoryRequest& request) {
  return Invoke(*stubs_->lease, &v1::LeaseService::Stub::ListHistory, request);
}

absl::StatusOr<v1::ListInboxResponse> Broker::Call(const v1::ListInboxRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::ListInbox, request);
}

absl::StatusOr<v1::GetStatementResponse> Broker::Call(const v1::GetStatementRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::GetStatement, request);
}

absl::StatusOr<v1::ApproveLeaseResponse> Broker::Call(const v1::ApproveLeaseRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::ApproveLease, request);
}

absl::StatusOr<v1::DenyLeaseResponse> Broker::Call(const v1::DenyLeaseRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::DenyLease, request);
}

absl::StatusOr<v1::RevokeLeaseResponse> Broker::Call(const v1::RevokeLeaseRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::RevokeLease, request);
}

absl::StatusOr<v1::ReviewBreakGlassResponse> Broker::Call(
    const v1::ReviewBreakGlassRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::ReviewBreakGlass, request);
}

absl::StatusOr<v1::AcceptResidueResponse> Broker::Call(const v1::AcceptResidueRequest& request) {
  return Invoke(*stubs_->review, &v1::ReviewService::Stub::AcceptResidue, request);
}

absl::StatusOr<v1::PlanChangeResponse> Broker::Call(const v1::PlanChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::PlanChange, request);
}

absl::StatusOr<v1::PlanUndoResponse> Broker::Call(const v1::PlanUndoRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::PlanUndo, request);
}

absl::StatusOr<v1::PlanDropResponse> Broker::Call(const v1::PlanDropRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::PlanDrop, request);
}

absl::StatusOr<v1::GetChangeResponse> Broker::Call(const v1::GetChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::GetChange, request);
}

absl::StatusOr<v1::SubmitChangeResponse> Broker::Call(const v1::SubmitChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::SubmitChange, request);
}

absl::StatusOr<v1::WithdrawChangeResponse> Broker::Call(const v1::WithdrawChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::WithdrawChange, request);
}

absl::StatusOr<v1::ApplyChangeResponse> Broker::Call(const v1::ApplyChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ApplyChange, request);
}

absl::StatusOr<v1::CancelChangeResponse> Broker::Call(const v1::CancelChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::CancelChange, request);
}

absl::StatusOr<v1::ListChangesResponse> Broker::Call(const v1::ListChangesRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ListChanges, request);
}

absl::StatusOr<v1::ListChangeHistoryResponse> Broker::Call(
    const v1::ListChangeHistoryRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ListChangeHistory, request);
}

absl::StatusOr<v1::GetChangeStatementResponse> Broker::Call(
    const v1::GetChangeStatementRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::GetChangeStatement, request);
}

absl::StatusOr<v1::ReviewChangeResponse> Broker::Call(const v1::ReviewChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ReviewChange, request);
}

absl::StatusOr<v1::DenyChangeResponse> Broker::Call(const v1::DenyChangeRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::DenyChange, request);
}

absl::StatusOr<v1::ListRowChangesResponse> Broker::Call(const v1::ListRowChangesRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ListRowChanges, request);
}

absl::StatusOr<v1::ListRowsResponse> Broker::Call(const v1::ListRowsRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ListRows, request);
}

absl::StatusOr<v1::ListKeptResponse> Broker::Call(const v1::ListKeptRequest& request) {
  return Invoke(*stubs_->change, &v1::ChangeService::Stub::ListKept, request);
}

template <class Response>
absl::StatusOr<Response> Broker::Await(
    const std::function<void(grpc::ClientContext*, Response*,
                             std::function<void(const grpc::Status&)>)>& start,
    const std::function<Tick()>& tick) {
  if (tick() == Tick::kStop) return absl::CancelledError("stopped");
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(kWaitTime));
  Response response;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<grpc::Status> done;  // guarded by mutex
  start(&context, &response, [&](const grpc::Status& status) {
    const std::lock_guard lock(mutex);
    done = status;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  bool stopped = false;
  while (!changed.wait_for(lock, kTickTime, [&] { return done.has_value(); })) {
    lock.unlock();
    if (!stopped && tick() == Tick::kStop) {
      stopped = true;
      context.TryCancel();
    }
    lock.lock();
  }
  if (stopped) return absl::CancelledError("stopped");
  ShowNotices(TrailerOf(context, "jit-notices-bin"), notices_shown_, console_);
  if (done->ok()) return response;
  return ToStatus(*done, TrailerOf(context, "jit-refusal-bin"), address_);
}

absl::StatusOr<v1::WaitLeaseResponse> Broker::Wait(const v1::WaitLeaseRequest& request,
                                                   const std::function<Tick()>& tick) {
  return Await<v1::WaitLeaseResponse>(
      [&](grpc::ClientContext* context, v1::WaitLeaseResponse* response, auto done) {
        stubs_->lease->async()->WaitLease(context, &request, response, std::move(done));
      },
      tick);
}

absl::StatusOr<v1::WaitChangeResponse> Broker::Wait(const v1::WaitChangeRequest& request,
                                                    const std::function<Tick()>& tick) {
  return Await<v1::WaitChangeResponse>(
      [&](grpc::ClientContext* context, v1::WaitChangeResponse* response, auto done) {
        stubs_->change->async()->WaitChange(context, &request, response, std::move(done));
      },
      tick);
}

std::string Broker::NewIdempotencyId() {
  std::array<std::uint8_t, 16> bytes{};
  console_.entropy(bytes);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace jit::channel
