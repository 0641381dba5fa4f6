// One unary call from arrival to answer: identify, door, convert, one use case, convert back.
//
// Promises: a callback of gRPC never waits; the work runs on the reception's threads and the call
// is answered exactly once: by the work, by the cap on its time, or by its cancellation, whichever
// comes first. Work that comes too late has still happened, and is seen by whoever looks.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "broker/rpc/reception.h"
#include "google/protobuf/message.h"

namespace jit::rpc {

// What a request may hold that brings no script.
constexpr std::size_t kRequestBytesMax = std::size_t{64} * 1024;

// The PEM of the certificate that the peer has proved to hold; empty when there is not exactly one.
std::string PeerCertificate(const grpc::ServerContextBase& context);

// The same with our trailers, for every way of finishing a call.
grpc::Status Finished(grpc::ServerContextBase& context, const WireStatus& status,
                      const std::string& notices);

class Call final : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<Call> {
 public:
  // The answer; nothing yet (come again after a pause; lane kLooking only); or why not.
  // Called on a worker, never twice at once.
  using Work = std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
      const Caller& caller)>;

  // Puts an answer where gRPC takes it from. Called once at most, before the call is finished.
  using Deliver = std::function<void(google::protobuf::Message& answer)>;

  // Owns itself until gRPC and the work are both done with it.
  static grpc::ServerUnaryReactor* Begin(Reception& reception, grpc::CallbackServerContext* context,
                                         Deliver deliver, const Method& method, Work work);

  void OnDone() override;
  void OnCancel() override;

 private:
  Call(Reception& reception, grpc::CallbackServerContext* context, Deliver deliver,
       const Method& method, Work work);
  void Start();
  void ArmCap();
  void LookLater();
  void Run();
  absl::Status HandOver();
  WireStatus Word(const absl::Status& status);
  void Answer(const WireStatus& status, google::protobuf::Message* answer,
              const std::string& notices);

  Reception& reception_;
  grpc::CallbackServerContext* const context_;
  const Deliver deliver_;
  const std::string method_;
  const Lane lane_;
  const Work work_;
  std::optional<Caller> caller_;  // set once, before anybody else looks
  std::atomic<bool> answered_ = false;
  // gRPC, the alarms and the work each have a share: whoever is last takes the call along. An alarm
  // keeps its function for as long as it lives, so its share is beside it and not in the function.
  std::shared_ptr<Call> grpc_share_;
  std::shared_ptr<Call> cap_share_;
  std::shared_ptr<Call> look_share_;
  grpc::Alarm cap_;
  std::optional<grpc::Alarm> look_;  // a new one for every look
  int looks_ = 0;                    // of those that come sooner
};

// Into the response that gRPC has made for the call.
template <class Response>
Call::Deliver Into(Response* response) {
  return [response](google::protobuf::Message& answer) {
    response->GetReflection()->Swap(response, &answer);
  };
}
Call::Deliver Into(grpc::ByteBuffer* response);

// `handle(caller, request)` answers absl::StatusOr<Response>.
template <class Request, class Handle>
Call::Work WorkOn(absl::StatusOr<Request> request, Handle handle) {
  return [request = std::move(request), handle = std::move(handle)](
             const Caller& caller) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
    if (!request.ok()) {
      return request.status();
    }
    auto answer = handle(caller, *request);
    if (!answer.ok()) {
      return answer.status();
    }
    using Response = std::decay_t<decltype(*answer)>;
    return std::make_unique<Response>(*std::move(answer));
  };
}

// Refuses with kMessageTooLarge.
absl::Status SmallEnough(std::size_t bytes, std::size_t bytes_max);

template <class Request, class Response, class Handle>
grpc::ServerUnaryReactor* Serve(Reception& reception, grpc::CallbackServerContext* context,
                                const Request* request, Response* response, const Method& method,
                                Handle handle) {
  absl::StatusOr<Request> taken = *request;
  if (absl::Status small = SmallEnough(request->ByteSizeLong(), kRequestBytesMax); !small.ok()) {
    taken = small;
  }
  return Call::Begin(reception, context, Into(response), method,
                     WorkOn<Request>(std::move(taken), std::move(handle)));
}

// Parses the bytes of a request that people write free text into. gRPC's own parsing answers text
// that is not UTF-8 with `unimplemented` and no word; this refuses it with kReasonNotUtf8, bytes
// that are no message at all with kMalformedName, and more than `bytes_max` with kMessageTooLarge.
absl::Status ParseText(const grpc::ByteBuffer& bytes, std::size_t bytes_max,
                       google::protobuf::Message& request);
template <class Request>
absl::StatusOr<Request> ParseText(const grpc::ByteBuffer& bytes,
                                  std::size_t bytes_max = kRequestBytesMax) {
  Request request;
  absl::Status parsed = ParseText(bytes, bytes_max, request);
  if (!parsed.ok()) {
    return parsed;
  }
  return request;
}

}  // namespace jit::rpc
