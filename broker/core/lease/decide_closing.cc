#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/free_text.h"
#include "broker/core/lease/decide.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/refusal.h"

namespace jit::lease {

using core::Reason;
using core::Refuse;

namespace {

// What there is to accept, as it can be recorded; nothing of a lease that acted as itself, or that
// was never open and left nothing. One that was open as an owner always has something: where the
// target had no look from before to compare with, that is said.
std::optional<Residue> ResidueOf(const Lease& lease, const std::optional<Residue>& found) {
  if (!lease.terms->owner.has_value()) {
    return std::nullopt;
  }
  if (!found.has_value()) {
    const bool was_open = lease.open_time != absl::Time();
    return was_open ? std::optional(Residue{
                          .lines = {{.what = ResidueLine::What::kChanged,
                                     .kind = "catalogs",
                                     .object = "not known: there was no look from before"}}})
                    : std::nullopt;
  }
  Residue residue{.more = found->more};
  std::size_t bytes = 0;
  for (const ResidueLine& said : found->lines) {
    ResidueLine line{said.what, core::AsFreeText(said.kind), core::AsFreeText(said.object)};
    bytes += line.kind.size() + line.object.size();
    if (residue.lines.size() == kResidueLinesMax || bytes > kResidueBytesMax) {
      ++residue.more;
    } else {
      residue.lines.push_back(std::move(line));
    }
  }
  return residue;
}

}  // namespace

absl::Status CheckAcceptanceIsOwed(const Lease& lease) {
  if (WaitsForAcceptance(lease)) {
    return absl::OkStatus();
  }
  if (!lease.terms->owner.has_value()) {
    return Refuse(Reason::kNothingToReview,
                  "this lease did not act as an owner; it leaves no residue to accept");
  }
  if (IsFinal(lease.state)) {
    return Refuse(Reason::kNothingToReview, lease.acceptance.has_value()
                                                ? "the residue of this lease was accepted already"
                                                : "this lease left no residue to accept");
  }
  return Refuse(Reason::kWrongState,
                absl::StrCat("this lease is ", StateWord(lease.state),
                             "; what it leaves behind can be accepted once it is off and its role "
                             "is gone"));
}

bool MayAcceptResidue(const Lease& lease, const policy::Policy& policy,
                      const core::PersonId& person) {
  const auto& reviewer = lease.terms->reviewer;
  return CouldSit(lease, policy, person) ||
         (reviewer.has_value() &&
          policy::WhoCanSit(policy.people, *reviewer, *lease.requester).count(person) > 0);
}

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
  if (lease.state != State::kOff || WaitsForAcceptance(lease)) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{Removed{.report = core::AsFreeText(command.report),
                                    .time = now,
                                    .residue = ResidueOf(lease, command.residue)}};
}

Decision Decider::operator()(const AcceptResidue& command) const {
  if (!lease.id.has_value()) {
    return NoSuchLease();
  }
  SignedReview review = command.review;
  review.time = now;
  const core::FreeTextRule note{"the note", core::Needed::kOptional};
  if (const absl::Status status = core::CheckFreeText(review.note, note); !status.ok()) {
    return status;
  }
  if (IsRequester(lease, review.by)) {
    return OwnLease("accepts the residue of");
  }
  if (!MayAcceptResidue(lease, policy, review.by)) {
    return Refuse(Reason::kNoSeatForYou,
                  "only somebody who could review this lease may accept what it left behind");
  }
  if (const absl::Status status = CheckAcceptanceIsOwed(lease); !status.ok()) {
    return status;
  }
  if (const absl::Status status = CheckDigest(review, command.digest_now); !status.ok()) {
    return status;
  }
  return std::vector<Event>{ResidueAccepted{.review = std::move(review)}};
}

}  // namespace jit::lease
