#include "absl/strings/str_split.h"
#include "broker/core/refusal.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/serve.h"
#include "broker/rpc/services.h"
#include "broker/use_cases/reload_policy.h"
#include "jit/v1/operator_service.grpc.pb.h"

namespace jit::rpc {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

absl::StatusOr<v1::ReloadPolicyResponse> Reload(Reception& reception) {
  const absl::Status reloaded = use_cases::ReloadPolicy(reception.ports());
  // Errors in the files are the answer; that the outcome could not be recorded is a fault.
  if (!reloaded.ok() && !absl::IsInvalidArgument(reloaded)) {
    return reloaded;
  }
  v1::ReloadPolicyResponse response;
  response.set_reloaded(reloaded.ok());
  if (!reloaded.ok()) {
    for (const absl::string_view line :
         absl::StrSplit(reloaded.message(), '\n', absl::SkipEmpty())) {
      response.add_errors(std::string(line));
    }
  }
  response.set_policy_fingerprint(reception.ports().policy.Current()->fingerprint);
  return response;
}

v1::TargetHealth Show(const TargetHealth& health) {
  v1::TargetHealth shown;
  shown.set_target(health.target.text());
  shown.set_reachable(health.reach == TargetHealth::Reach::kReached);
  shown.set_detail(health.detail);
  if (health.last_sweep_time != absl::Time()) {
    SetTime(health.last_sweep_time, shown.mutable_last_sweep_time());
  }
  SetDuration(health.clock_skew, shown.mutable_clock_skew());
  shown.set_open_leases(health.open_leases);
  shown.set_closing_leases(health.closing_leases);
  SetDuration(health.oldest_closing, shown.mutable_oldest_closing());
  return shown;
}

absl::StatusOr<v1::GetBrokerStatusResponse> Status(Reception& reception) {
  const Hooks& hooks = reception.hooks();
  const BrokerStatus status = hooks.status();
  v1::GetBrokerStatusResponse response;
  response.set_version(hooks.version);
  SetTime(hooks.start_time, response.mutable_start_time());
  response.set_journal_size(reception.ports().journal.Size());
  response.set_journal_fault(status.journal_fault);
  response.set_policy_fingerprint(reception.ports().policy.Current()->fingerprint);
  for (const TargetHealth& health : status.targets) {
    *response.add_targets() = Show(health);
  }
  return response;
}

class OperatorService final : public v1::OperatorService::CallbackService {
 public:
  explicit OperatorService(Reception& reception) : reception_(reception) {}

  ServerUnaryReactor* ReloadPolicy(CallbackServerContext* context,
                                   const v1::ReloadPolicyRequest* request,
                                   v1::ReloadPolicyResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.OperatorService.ReloadPolicy"},
                 [this](const Caller&, const auto&) { return Reload(reception_); });
  }

  ServerUnaryReactor* GetBrokerStatus(CallbackServerContext* context,
                                      const v1::GetBrokerStatusRequest* request,
                                      v1::GetBrokerStatusResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.OperatorService.GetBrokerStatus"},
                 [this](const Caller&, const auto&) { return Status(reception_); });
  }

 private:
  Reception& reception_;
};

}  // namespace

ServiceOwner MakeOperatorService(Reception& reception) {
  return {new OperatorService(reception), [](grpc::Service* service) { delete service; }};
}

}  // namespace jit::rpc
