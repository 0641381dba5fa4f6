#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/core/free_text.h"
#include "broker/core/lease/decide.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/refusal.h"

namespace jit::lease {

using core::Reason;
using core::Refuse;

Decision Decider::operator()(const End& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  if (!IsRequester(lease, command.by)) {
    return NotHolder("end");
  }
  switch (lease.state) {
    case State::kNone:
    case State::kRequested:
    case State::kApproved:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
      return NotNow(lease, absl::InfinitePast(),
                    "it has no login to give back; take it back with `jit-access withdraw ID`");
    case State::kOpening:
    case State::kOpen:
      return std::vector<Event>{StartClosing(CloseCause::kEnded, "", command.by, now)};
    case State::kClosing:
    case State::kOff:
    case State::kClosed:
      break;
  }
  return std::vector<Event>{};
}

Decision Decider::operator()(const Revoke& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  if (const absl::Status status = core::CheckFreeText(command.note, {"the note"}); !status.ok()) {
    return status;
  }
  if (IsRequester(lease, command.by)) {
    return Refuse(Reason::kOwnLease,
                  "nobody revokes their own lease; give it back with `jit-access end ID`, or "
                  "`jit-access withdraw ID` before it is open");
  }
  if (!policy::MayRevoke(policy, command.by, *lease.requester, *lease.terms)) {
    return Refuse(Reason::kNoSeatForYou,
                  "only somebody who could review this lease, or an operator, may revoke it");
  }
  switch (lease.state) {
    case State::kRequested:
    case State::kApproved:
      return std::vector<Event>{Denied{.by = command.by, .time = now, .note = command.note}};
    case State::kOpening:
    case State::kOpen:
      return std::vector<Event>{StartClosing(CloseCause::kRevoked, command.note, command.by, now)};
    case State::kNone:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kClosing:
    case State::kOff:
    case State::kClosed:
      break;
  }
  return std::vector<Event>{};
}

Decision Decider::operator()(const Tick& command) const {
  if (!IsOverdue(lease, std::max(now, command.not_before))) {
    return std::vector<Event>{};
  }
  switch (lease.state) {
    case State::kRequested:
      return std::vector<Event>{
          Lapsed{.why = absl::StrCat("it was not decided within ",
                                     absl::FormatDuration(lease.terms->review_window)),
                 .time = now}};
    case State::kApproved:
      return std::vector<Event>{
          Lapsed{.why = absl::StrCat("it was not opened within ",
                                     absl::FormatDuration(lease.terms->approved_window)),
                 .time = now}};
    case State::kOpening:
    case State::kOpen:
      return std::vector<Event>{StartClosing(CloseCause::kDeadline, "", std::nullopt, now)};
    case State::kNone:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kClosing:
    case State::kOff:
    case State::kClosed:
      break;
  }
  return std::vector<Event>{};
}

Decision Decider::operator()(const CloseForDrift& command) const {
  if (lease.state != State::kOpening && lease.state != State::kOpen) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{
      StartClosing(CloseCause::kDrift, core::AsFreeText(command.why), std::nullopt, now)};
}

Decision Decider::operator()(const RecordOff& command) const {
  if (lease.state != State::kClosing) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{TurnedOff{.report = core::AsFreeText(command.report), .time = now}};
}

Decision Decider::operator()(const RecordRemoved& command) const {
  if (lease.state != State::kOff) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{Removed{.report = core::AsFreeText(command.report), .time = now}};
}

}  // namespace jit::lease
