#include "broker/core/lease/decide.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/refusal.h"

namespace jit::lease {

using core::Reason;
using core::Refuse;

absl::StatusOr<std::vector<Event>> Decide(const Lease& lease, const Command& command,
                                          const policy::Policy& policy, absl::Time now) {
  // Records keep microseconds; deciding on what they will say makes a replay decide the same.
  const absl::Time recorded_now = absl::FromUnixMicros(absl::ToUnixMicros(now));
  return std::visit(Decider{lease, policy, recorded_now}, command);
}

bool IsRequester(const Lease& lease, const core::PersonId& person) {
  return lease.requester == person;
}

bool IsOverdue(const Lease& lease, absl::Time now) {
  const std::optional<absl::Time> deadline = NextDeadline(lease);
  return deadline.has_value() && now >= *deadline;
}

bool CouldSit(const Lease& lease, const policy::Policy& policy, const core::PersonId& person) {
  const auto& seats = lease.terms->seats;
  return std::any_of(seats.begin(), seats.end(), [&](const policy::Seat& seat) {
    return policy::WhoCanSit(policy.people, seat, *lease.requester).count(person) > 0;
  });
}

std::set<core::PersonId> YesReviewers(const Lease& lease) {
  std::set<core::PersonId> people;
  for (const SignedReview& review : lease.reviews) {
    if (review.verdict == Verdict::kYes) {
      people.insert(review.by);
    }
  }
  return people;
}

policy::Bid BidOf(const Lease& lease) {
  return policy::Bid{.requester = *lease.requester,
                     .target = *lease.target,
                     .role = *lease.role,
                     .ttl = lease.terms->ttl,
                     .path = lease.path};
}

absl::Status NoSuchLease() {
  return Refuse(Reason::kUnknownLease, "there is no such lease, or it is not yours to see");
}

absl::Status OwnLease(absl::string_view what) {
  return Refuse(Reason::kOwnLease,
                absl::StrCat("nobody ", what, " their own lease; somebody else has to"));
}

absl::Status CheckDigest(const SignedReview& review, const std::string& digest_now) {
  if (review.digest == digest_now) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kDigestMismatch,
                "what you signed is not what stands there now; look at the lease again with "
                "`jit-approve show ID` and decide on what it shows");
}

absl::Status NotHolder(absl::string_view what) {
  return Refuse(Reason::kNotHolder,
                absl::StrCat("only the person who asked for this lease may ", what, " it"));
}

absl::Status NotNow(const Lease& lease, absl::Time now, absl::string_view instead) {
  const bool ending =
      IsFinal(lease.state) || lease.state == State::kClosing || lease.state == State::kOff;
  if (ending) {
    return Refuse(Reason::kAlreadyEnded,
                  absl::StrCat("this lease has ended: it is ", StateWord(lease.state),
                               "; ask for a new one"));
  }
  if (IsOverdue(lease, now)) {
    return Refuse(Reason::kAlreadyEnded, absl::StrCat("the time of this ", StateWord(lease.state),
                                                      " lease has run out; ask for a new one"));
  }
  return Refuse(Reason::kWrongState,
                absl::StrCat("this lease is ", StateWord(lease.state), "; ", instead));
}

Event StartClosing(CloseCause cause, absl::string_view note, std::optional<core::PersonId> by,
                   absl::Time now) {
  return ClosingStarted{
      .cause = cause, .note = std::string(note), .by = std::move(by), .time = now};
}

}  // namespace jit::lease
