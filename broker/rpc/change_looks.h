// What the service of changes only looks at: news of a run, rows, things that were kept.
//
// Promises: as services.h. Waiting holds no thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "broker/rpc/convert_change_answers.h"
#include "broker/rpc/convert_change_requests.h"
#include "broker/rpc/reception.h"
#include "google/protobuf/message.h"
#include "jit/v1/change_service.pb.h"

namespace jit::rpc {

// A response that holds a change and nothing else yet.
template <class Response>
Response Showing(Reception& reception, const use_cases::SeenChange& seen, ChangeView::Depth depth) {
  const auto policy = reception.ports().policy.Current();
  Response response;
  *response.mutable_change() = ChangeView(*policy, reception.hooks()).Show(seen, depth);
  return response;
}

// Somebody who waits for news of a change: one look at a time, without holding a thread between.
class ChangeWaiting {
 public:
  ChangeWaiting(Reception& reception, v1::WaitChangeRequest request)
      : reception_(reception), request_(std::move(request)) {}

  // As Call::Work.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Look(const Caller& caller);

 private:
  bool MayWaitOn() const { return looks_left_ > 0 && !reception_.draining(); }
  // Whether the run is not where the caller knows it to be. A run that is over moves the version.
  bool Moved() const;
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> LookClosely(const Caller& caller);

  Reception& reception_;
  const v1::WaitChangeRequest request_;
  std::optional<ChangeWaitOrder> order_;
  std::int64_t looks_ = 0;
  std::int64_t looks_left_ = 0;
  std::int64_t seen_version_ = 0;
};

absl::StatusOr<v1::ListRowChangesResponse> RowSteps(Reception& reception, const Caller& caller,
                                                    const v1::ListRowChangesRequest& request);
absl::StatusOr<v1::ListRowsResponse> RowsOfStep(Reception& reception, const Caller& caller,
                                                const v1::ListRowsRequest& request);
absl::StatusOr<v1::ListKeptResponse> KeptThings(Reception& reception, const Caller& caller,
                                                const v1::ListKeptRequest& request);

}  // namespace jit::rpc
