#include "broker/rpc/serve.h"

#include <grpc/support/time.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "jit/v1/lease_service.pb.h"

namespace jit::rpc {
namespace {

// A span from now on gRPC's own clock, so that nobody here asks the machine for the time.
gpr_timespec FromNow(absl::Duration span) {
  return gpr_time_from_millis(absl::ToInt64Milliseconds(span), GPR_TIMESPAN);
}

WireStatus Busy() {
  return {absl::StatusCode::kUnavailable, "the broker is busy; try again in a moment", ""};
}

}  // namespace

std::string PeerCertificate(const grpc::ServerContextBase& context) {
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr) {
    return "";
  }
  const std::vector<grpc::string_ref> certificates = peer->FindPropertyValues("x509_pem_cert");
  if (certificates.size() != 1) {
    return "";
  }
  return {certificates.front().data(), certificates.front().size()};
}

grpc::Status Finished(grpc::ServerContextBase& context, const WireStatus& status,
                      const std::string& notices) {
  if (!status.refusal.empty()) {
    context.AddTrailingMetadata(kRefusalTrailer, status.refusal);
  }
  if (!notices.empty()) {
    context.AddTrailingMetadata(kNoticesTrailer, notices);
  }
  return {static_cast<grpc::StatusCode>(status.code), status.message};
}

Call::Deliver Into(grpc::ByteBuffer* response) {
  return [response](google::protobuf::Message& answer) {
    const grpc::Slice slice(answer.SerializeAsString());
    *response = grpc::ByteBuffer(&slice, 1);
  };
}

absl::Status SmallEnough(std::size_t bytes, std::size_t bytes_max) {
  if (bytes <= bytes_max) {
    return absl::OkStatus();
  }
  return core::Refuse(core::Reason::kMessageTooLarge,
                      absl::StrCat("the message is above ", bytes_max / 1024, " KiB"));
}

absl::Status ParseText(const grpc::ByteBuffer& bytes, std::size_t bytes_max,
                       google::protobuf::Message& request) {
  if (absl::Status small = SmallEnough(bytes.Length(), bytes_max); !small.ok()) {
    return small;
  }
  std::vector<grpc::Slice> slices;
  std::string text;
  if (bytes.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  if (request.ParseFromString(text)) {
    return absl::OkStatus();
  }
  // A message without fields takes any that is well formed, and looks into none of its texts.
  if (v1::WhoAmIRequest().ParseFromString(text)) {
    return core::Refuse(core::Reason::kReasonNotUtf8,
                        "a text you sent is not UTF-8; type it again in a UTF-8 terminal");
  }
  return core::Refuse(core::Reason::kMalformedName, "what was sent is no message of this method");
}

Call::Call(Reception& reception, grpc::CallbackServerContext* context, Deliver deliver,
           const Method& method, Work work)
    : reception_(reception),
      context_(context),
      deliver_(std::move(deliver)),
      method_(method.name),
      lane_(method.lane),
      work_(std::move(work)) {}

grpc::ServerUnaryReactor* Call::Begin(Reception& reception, grpc::CallbackServerContext* context,
                                      Deliver deliver, const Method& method, Work work) {
  const std::shared_ptr<Call> call(
      new Call(reception, context, std::move(deliver), method, std::move(work)));
  call->grpc_share_ = call;
  call->Start();
  return call.get();
}

void Call::Start() {
  absl::StatusOr<Caller> caller = reception_.Admit(PeerCertificate(*context_), method_);
  if (!caller.ok()) {
    Answer(Word(caller.status()), nullptr, "");
    return;
  }
  caller_ = *std::move(caller);
  if (lane_ != Lane::kLooking) {  // who waits for news is answered by the number of looks
    ArmCap();
  }
  if (!HandOver().ok()) {
    Answer(Busy(), nullptr, "");
  }
}

void Call::ArmCap() {
  cap_share_ = shared_from_this();
  cap_.Set(FromNow(reception_.crew().call_cap), [this](bool due) {
    const std::shared_ptr<Call> share = std::move(cap_share_);
    if (due && !answered_) {
      Answer(Word(absl::DeadlineExceededError("the call was capped")), nullptr, "");
    }
  });
}

absl::Status Call::HandOver() {
  return reception_.For(lane_).Submit([share = shared_from_this()] { share->Run(); });
}

void Call::Run() {
  if (answered_) {
    return;  // cancelled or capped while it waited: nothing has been done, nothing is
  }
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> answer = work_(*caller_);
  if (answer.ok() && *answer == nullptr) {
    LookLater();
    return;
  }
  const std::string notices = reception_.NoticesFor(*caller_);
  Answer(Word(answer.status()), answer.ok() ? answer->get() : nullptr, notices);
}

void Call::LookLater() {
  look_share_ = shared_from_this();
  look_.emplace();
  const bool soon = looks_ < Crew::kSoonLooks;
  if (soon) {
    ++looks_;
  }
  const absl::Duration pause =
      soon ? reception_.crew().look_soon_every() : reception_.crew().look_every;
  look_->Set(FromNow(pause), [this](bool) {
    const std::shared_ptr<Call> share = std::move(look_share_);
    if (!answered_ && !HandOver().ok()) {
      Answer(Busy(), nullptr, "");
    }
  });
}

WireStatus Call::Word(const absl::Status& status) {
  return reception_.Word(status, method_, caller_.has_value() ? caller_->person.text() : "");
}

void Call::Answer(const WireStatus& status, google::protobuf::Message* answer,
                  const std::string& notices) {
  if (answered_.exchange(true)) {
    return;  // from here on the context and the response are gRPC's alone
  }
  if (answer != nullptr) {
    deliver_(*answer);
  }
  Finish(Finished(*context_, status, notices));
}

void Call::OnCancel() {
  Answer({absl::StatusCode::kCancelled, "the caller has gone", ""}, nullptr, "");
}

void Call::OnDone() {
  cap_.Cancel();
  const std::shared_ptr<Call> share = std::move(grpc_share_);
}

}  // namespace jit::rpc
