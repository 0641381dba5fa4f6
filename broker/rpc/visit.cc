#include "broker/rpc/visit.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "jit/v1/audit_service.grpc.pb.h"
#include "jit/v1/operator_service.grpc.pb.h"

namespace jit::rpc {
namespace {

// A record of the journal has 8 MiB at most, and a message may hold a little more than one.
constexpr int kMessageBytesMax = 16 * 1024 * 1024;

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) {
    return absl::OkStatus();
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

void Until(grpc::ClientContext& context, absl::Time deadline) {
  context.set_deadline(absl::ToChronoTime(deadline));
}

std::shared_ptr<grpc::Channel> ChannelTo(const VisitorPapers& papers) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = papers.authorities_pem;
  options.pem_cert_chain = papers.certificate_pem;
  options.pem_private_key = std::string(papers.key_pem.RevealForUse());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  return grpc::CreateCustomChannel(papers.broker, grpc::SslCredentials(options), arguments);
}

}  // namespace

struct Visit::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : operations(v1::OperatorService::NewStub(channel)),
        audit(v1::AuditService::NewStub(channel)) {}
  std::unique_ptr<v1::OperatorService::Stub> operations;
  std::unique_ptr<v1::AuditService::Stub> audit;
};

Visit::Visit(VisitorPapers papers) : stubs_(std::make_unique<Stubs>(ChannelTo(papers))) {}

Visit::~Visit() = default;

absl::StatusOr<Visit::Reloaded> Visit::ReloadPolicy(absl::Time deadline) {
  grpc::ClientContext context;
  Until(context, deadline);
  v1::ReloadPolicyResponse response;
  const grpc::Status status =
      stubs_->operations->ReloadPolicy(&context, v1::ReloadPolicyRequest(), &response);
  if (!status.ok()) {
    return ToStatus(status);
  }
  return Reloaded{
      .answer = response.reloaded() ? Reloaded::Answer::kTaken : Reloaded::Answer::kNotTaken,
      .mistakes = {response.errors().begin(), response.errors().end()},
      .fingerprint = response.policy_fingerprint()};
}

absl::StatusOr<Visit::Head> Visit::Checkpoint(absl::Time deadline) {
  grpc::ClientContext context;
  Until(context, deadline);
  v1::GetCheckpointResponse response;
  const grpc::Status status =
      stubs_->audit->GetCheckpoint(&context, v1::GetCheckpointRequest(), &response);
  if (!status.ok()) {
    return ToStatus(status);
  }
  return Head{.note = response.note(), .verifier_key = response.verifier_key()};
}

absl::Status Visit::ExportJournal(absl::Time deadline,
                                  const std::function<absl::Status(absl::string_view)>& each) {
  grpc::ClientContext context;
  Until(context, deadline);
  const std::unique_ptr<grpc::ClientReader<v1::ExportJournalResponse>> reader =
      stubs_->audit->ExportJournal(&context, v1::ExportJournalRequest());
  absl::Status stopped = absl::OkStatus();
  v1::ExportJournalResponse part;
  while (stopped.ok() && reader->Read(&part)) {
    for (const std::string& record : part.records()) {
      stopped = each(record);
      if (!stopped.ok()) {
        context.TryCancel();
        break;
      }
    }
  }
  const absl::Status finished = ToStatus(reader->Finish());
  return stopped.ok() ? finished : stopped;
}

}  // namespace jit::rpc
