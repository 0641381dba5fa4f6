#include <utility>

#include "broker/core/lease/lifecycle.h"

namespace jit::lease {
namespace {

// One overload per event; an event without one does not build. Each writes down what the event says
// and asks no questions: what was appended happened.
struct Evolution {
  Lease& lease;

  void operator()(const Asked& event) const {
    lease.id = event.id;
    lease.state = State::kRequested;
    lease.path = event.path;
    lease.requester = event.requester;
    lease.target = event.target;
    lease.role = event.role;
    lease.reason = event.reason;
    lease.incident = event.incident;
    lease.keyless = event.keyless;
    lease.terms = event.terms;
    lease.request_time = event.time;
    lease.round_time = event.time;
  }
  void operator()(const Reviewed& event) const {
    lease.reviews.push_back(event.review);
    lease.seats = event.seats;
  }
  void operator()(const Approved& event) const {
    lease.state = State::kApproved;
    lease.approve_time = event.time;
  }
  void operator()(const SentBack& event) const {
    lease.state = State::kRequested;
    lease.terms = event.terms;
    lease.reviews.clear();
    lease.seats.clear();
    ++lease.round;
    lease.round_time = event.time;
    lease.sent_back_why = event.why;
    lease.approve_time = absl::Time();
  }
  void operator()(const Denied& event) const {
    lease.state = State::kDenied;
    lease.close_note = event.note;
    lease.closed_by = event.by;
    lease.close_time = event.time;
  }
  void operator()(const Withdrawn& event) const {
    lease.state = State::kWithdrawn;
    lease.closed_by = event.by;
    lease.close_time = event.time;
  }
  void operator()(const Lapsed& event) const {
    lease.state = State::kLapsed;
    lease.close_note = event.why;
    lease.close_time = event.time;
  }
  void operator()(const OpeningStarted& event) const {
    lease.state = State::kOpening;
    lease.verifier_digest = event.verifier_digest;
    lease.system_identifier = event.system_identifier;
    lease.expire_time = event.expire_time;
  }
  void operator()(const Opened& event) const {
    lease.state = State::kOpen;
    lease.open_time = event.time;
  }
  void operator()(const VerifierReplaced& event) const {
    lease.verifier_digest = event.verifier_digest;
  }
  void operator()(const ClosingStarted& event) const {
    lease.state = State::kClosing;
    lease.close_cause = event.cause;
    lease.close_note = event.note;
    lease.closed_by = event.by;
    lease.close_time = event.time;
  }
  void operator()(const TurnedOff& event) const {
    lease.state = State::kOff;
    lease.off_time = event.time;
  }
  void operator()(const Removed& event) const {
    lease.removed_time = event.time;
    lease.residue = event.residue;
    if (!event.residue.has_value()) {
      lease.state = State::kClosed;
    }
  }
  void operator()(const DebtIncurred& event) const {
    lease.debt_open = true;
    lease.debt_due = event.due;
  }
  void operator()(const DebtReviewed& event) const {
    lease.debt_open = false;
    lease.debt_review = event.review;
  }
  void operator()(const ResidueAccepted& event) const {
    lease.state = State::kClosed;
    lease.acceptance = event.review;
  }
};

}  // namespace

Lease Evolve(Lease lease, const Event& event) {
  std::visit(Evolution{lease}, event);
  return lease;
}

std::vector<std::string> AcceptedKeyless(const Lease& lease) {
  const bool somebody_looks = !lease.terms->seats.empty() || lease.terms->reviewer.has_value();
  return somebody_looks ? lease.keyless : std::vector<std::string>();
}

std::optional<policy::GuardTerms> GuardOf(const Lease& lease) {
  using Keyless = policy::GuardTerms::Keyless;
  std::optional<policy::GuardTerms> guard = lease.terms->guard;
  if (guard.has_value() && lease.path == policy::Path::kBreakGlass &&
      guard->keyless == Keyless::kByName) {
    guard->keyless = Keyless::kAllowed;
  }
  return guard;
}

bool LetNobodyIn(const Lease& lease) {
  return lease.close_cause == CloseCause::kFault && lease.open_time == absl::Time();
}

Effect EffectOf(const Lease& lease) {
  switch (lease.state) {
    case State::kOpening:
      return Effect::kOpenLogin;
    case State::kClosing:
      return Effect::kTurnOff;
    case State::kOff:
      return WaitsForAcceptance(lease) ? Effect::kNone : Effect::kRemove;
    case State::kNone:
    case State::kRequested:
    case State::kApproved:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kOpen:
    case State::kClosed:
      break;
  }
  return Effect::kNone;
}

bool WaitsForAcceptance(const Lease& lease) {
  return lease.state == State::kOff && lease.removed_time != absl::Time();
}

std::optional<absl::Time> NextDeadline(const Lease& lease) {
  if (!lease.terms.has_value()) {
    return std::nullopt;
  }
  switch (lease.state) {
    case State::kRequested:
      return lease.round_time + lease.terms->review_window;
    case State::kApproved:
      return lease.approve_time + lease.terms->approved_window;
    case State::kOpening:
    case State::kOpen:
      return lease.expire_time;
    case State::kNone:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kClosing:
    case State::kOff:
    case State::kClosed:
      break;
  }
  return std::nullopt;
}

}  // namespace jit::lease
