// The inside of Decide: one overload per command. Only this folder's sources include it.
//
// Promises: a command without an overload does not build. Each overload answers with events, with
// one refusal, or with nothing when there is nothing to do. Pure; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/lease/command.h"
#include "broker/core/lease/event.h"
#include "broker/core/lease/lease.h"
#include "broker/core/policy/rule.h"

namespace jit::lease {

using Decision = absl::StatusOr<std::vector<Event>>;

struct Decider {
  const Lease& lease;
  const policy::Policy& policy;
  absl::Time now;

  // decide_agreement.cc: asked for, agreed to or not.
  Decision operator()(const Ask& command) const;
  Decision operator()(const Review& command) const;
  Decision operator()(const Withdraw& command) const;
  Decision operator()(const ReviewBreakGlass& command) const;

  // decide_opening.cc: the login comes to be.
  Decision operator()(const Open& command) const;
  Decision operator()(const RecordOpened& command) const;
  Decision operator()(const RecordOpenFault& command) const;

  // decide_closing.cc: the login goes.
  Decision operator()(const End& command) const;
  Decision operator()(const Revoke& command) const;
  Decision operator()(const Tick& command) const;
  Decision operator()(const CloseForDrift& command) const;
  Decision operator()(const RecordOff& command) const;
  Decision operator()(const RecordRemoved& command) const;
  Decision operator()(const AcceptResidue& command) const;
};

// What the decisions have in common, in decide.cc.

bool IsRequester(const Lease& lease, const core::PersonId& person);

// Whether the time in which a requested lease is decided, or an approved one opened, has passed.
bool IsOverdue(const Lease& lease, absl::Time now);

// Whether `person` could sit in one of the seats that were demanded before it opened.
bool CouldSit(const Lease& lease, const policy::Policy& policy, const core::PersonId& person);

// Everyone whose yes counts in this round.
std::set<core::PersonId> YesReviewers(const Lease& lease);

// The bid as it would be made today.
policy::Bid BidOf(const Lease& lease);

absl::Status NoSuchLease();
absl::Status OwnLease(absl::string_view what);
absl::Status CheckDigest(const SignedReview& review, const std::string& digest_now);
absl::Status NotHolder(absl::string_view what);

// kAlreadyEnded when the lease has ended, is ending or is overdue, else kWrongState; both name the
// state. `instead` says what to do.
absl::Status NotNow(const Lease& lease, absl::Time now, absl::string_view instead);

// The event that begins the closing, for whatever cause.
Event StartClosing(CloseCause cause, absl::string_view note, std::optional<core::PersonId> by,
                   absl::Time now);

}  // namespace jit::lease
