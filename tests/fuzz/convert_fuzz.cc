// Whatever bytes arrive as a message, the border takes or refuses them: what it takes is checked,
// and what it refuses carries a reason and none of the bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "broker/core/refusal.h"
#include "broker/rpc/convert_requests.h"
#include "broker/rpc/deny_list.h"

namespace jit {
namespace {

const rpc::Caller& Caller() {
  static const rpc::Caller caller{core::PersonId::Parse("engineer").value(),
                                  "jit://test/engineer",
                                  "pem",
                                  {},
                                  {},
                                  absl::Time()};
  return caller;
}

void Check(const absl::Status& status, const std::string& bytes) {
  if (status.ok()) return;
  if (!core::ReasonOf(status).has_value()) std::abort();
  // A sentence of ours may contain a short word by chance, never a long piece of what came in.
  if (bytes.size() > 80 && absl::StrContains(std::string(status.message()), bytes)) std::abort();
}

template <class Request, class Convert>
void Try(const std::string& bytes, Convert convert) {
  Request request;
  if (!request.ParseFromString(bytes)) return;
  Check(convert(request).status(), bytes);
}

void CheckTtl(const absl::StatusOr<use_cases::AskOrder>& order) {
  if (order.ok() && order->bid.ttl.has_value() && *order->bid.ttl <= absl::ZeroDuration()) {
    std::abort();
  }
}

template <class Request>
void TryAsk(const std::string& bytes) {
  Try<Request>(bytes, [](const Request& request) {
    auto order = rpc::ToOrder(request, Caller());
    CheckTtl(order);
    return order;
  });
}

template <class Request>
void TryOrderOfCaller(const std::string& bytes) {
  Try<Request>(bytes, [](const Request& request) { return rpc::ToOrder(request, Caller()); });
}
template <class Request>
void TryOrder(const std::string& bytes) {
  Try<Request>(bytes, [](const Request& request) { return rpc::ToOrder(request); });
}
template <class Request>
void TryLease(const std::string& bytes) {
  Try<Request>(bytes, [](const Request& request) { return rpc::ToLease(request); });
}

void TryAll(const std::string& bytes) {
  TryAsk<v1::CreateLeaseRequest>(bytes);
  TryAsk<v1::BreakGlassRequest>(bytes);
  TryOrder<v1::OpenLeaseRequest>(bytes);
  TryLease<v1::EndLeaseRequest>(bytes);
  TryLease<v1::WithdrawLeaseRequest>(bytes);
  TryLease<v1::GetLeaseRequest>(bytes);
  TryLease<v1::ListHistoryRequest>(bytes);
  TryOrder<v1::WaitLeaseRequest>(bytes);
  TryOrderOfCaller<v1::ListLeasesRequest>(bytes);
  TryOrder<v1::GetStatementRequest>(bytes);
  TryOrderOfCaller<v1::ApproveLeaseRequest>(bytes);
  TryOrderOfCaller<v1::DenyLeaseRequest>(bytes);
  TryOrderOfCaller<v1::ReviewBreakGlassRequest>(bytes);
  TryOrderOfCaller<v1::AcceptResidueRequest>(bytes);
  TryOrder<v1::RevokeLeaseRequest>(bytes);
  Try<v1::ListRolesRequest>(bytes, [](const auto& request) { return rpc::ToFilter(request); });
  Try<v1::ListApproversRequest>(bytes,
                                [](const auto& request) { return rpc::ToBid(request, Caller()); });
  Try<v1::ExportJournalRequest>(bytes,
                                [](const auto& request) { return rpc::ToSequence(request); });
  rpc::ReadDenyList(bytes);
}

}  // namespace
}  // namespace jit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(input), size);
  jit::TryAll(bytes);
  return 0;
}
