// The customs office, outbound: leases, records and notices become messages.
//
// Promises: every answer stays below what one message may hold; who asks for too much gets the
// beginning. Free text goes out as it is: whoever shows it makes control characters visible. Pure;
// safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/policy/rule.h"
#include "broker/ledger/record.h"
#include "broker/rpc/caller.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/ports.h"
#include "broker/use_cases/seen_lease.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "jit/v1/lease.pb.h"
#include "jit/v1/lease_service.pb.h"
#include "jit/v1/refusal.pb.h"
#include "jit/v1/review_service.pb.h"

namespace jit::rpc {

// What an answer is filled up to; the limit of a message is above it, with room for one more item.
constexpr std::size_t kAnswerBytesMax = std::size_t{192} * 1024;
// Trailers share 8 KiB, in base64, with everything else that travels there.
constexpr std::size_t kNoticesBytesMax = std::size_t{4} * 1024;
constexpr std::size_t kNoticeReasonBytesMax = 256;

v1::Lease::State ToProto(lease::State state);
void SetTime(absl::Time time, google::protobuf::Timestamp* out);
void SetDuration(absl::Duration duration, google::protobuf::Duration* out);
// The longest beginning of UTF-8 text that is no longer than `bytes_max` and cuts no character.
std::string Beginning(const std::string& text, std::size_t bytes_max);
// A seat that is not filled, with who could sit in it.
v1::Seat ToProto(const policy::Seat& seat, const policy::Policy& policy,
                 const core::PersonId& requester);
// What happened, with as many bodies as fit.
std::vector<v1::TimelineEvent> ToEvents(const std::vector<ledger::Record>& records);

// What is shown of a lease depends on the directory (who could sit) and on the targets (where to
// connect), besides the lease.
class LeaseView {
 public:
  // Both are looked at when asked; they stay alive longer than the view.
  LeaseView(const policy::Policy& policy, const use_cases::Ports& ports)
      : policy_(policy), ports_(ports) {}

  v1::Lease Show(const use_cases::SeenLease& seen) const;
  // A seat that is not filled, with who could sit in it.
  v1::Seat Show(const policy::Seat& seat, const core::PersonId& requester) const;

 private:
  const policy::Policy& policy_;
  const use_cases::Ports& ports_;
};

v1::OfferedChange ToProto(const use_cases::ChangeOffer& offer, const LeaseView& view,
                          const core::PersonId& by);
v1::OfferedRole ToProto(const use_cases::Offer& offer, const LeaseView& view,
                        const core::PersonId& by);
v1::ListLeasesResponse ToProto(const use_cases::LeasePage& page, const LeaseView& view);
v1::ListInboxResponse ToProto(const use_cases::Inbox& inbox, const LeaseView& view);
v1::ListHistoryResponse ToProto(const std::vector<ledger::Record>& records);
v1::Notices ToNotices(const std::vector<use_cases::SeenLease>& unreviewed);

}  // namespace jit::rpc
