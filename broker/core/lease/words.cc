#include <array>

#include "broker/core/lease/lifecycle.h"

namespace jit::lease {
namespace {

constexpr std::array kStates = {State::kNone,    State::kRequested, State::kApproved,
                                State::kDenied,  State::kWithdrawn, State::kLapsed,
                                State::kOpening, State::kOpen,      State::kClosing,
                                State::kOff,     State::kClosed};

}  // namespace

std::string StateWord(State state) {
  switch (state) {
    case State::kNone:
      return "none";
    case State::kRequested:
      return "requested";
    case State::kApproved:
      return "approved";
    case State::kDenied:
      return "denied";
    case State::kWithdrawn:
      return "withdrawn";
    case State::kLapsed:
      return "lapsed";
    case State::kOpening:
      return "opening";
    case State::kOpen:
      return "open";
    case State::kClosing:
      return "closing";
    case State::kOff:
      return "off";
    case State::kClosed:
      return "closed";
  }
  return "";
}

std::optional<State> StateFromWord(absl::string_view word) {
  for (const State state : kStates) {
    if (StateWord(state) == word) {
      return state;
    }
  }
  return std::nullopt;
}

std::string CauseWord(CloseCause cause) {
  switch (cause) {
    case CloseCause::kDeadline:
      return "deadline";
    case CloseCause::kEnded:
      return "ended";
    case CloseCause::kRevoked:
      return "revoked";
    case CloseCause::kDenied:
      return "denied";
    case CloseCause::kFault:
      return "fault";
    case CloseCause::kDrift:
      return "drift";
  }
  return "";
}

std::string WhatWord(ResidueLine::What what) {
  switch (what) {
    case ResidueLine::What::kAdded:
      return "added";
    case ResidueLine::What::kRemoved:
      return "removed";
    case ResidueLine::What::kChanged:
      return "changed";
  }
  return "";
}

bool IsFinal(State state) {
  switch (state) {
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kClosed:
      return true;
    case State::kNone:
    case State::kRequested:
    case State::kApproved:
    case State::kOpening:
    case State::kOpen:
    case State::kClosing:
    case State::kOff:
      break;
  }
  return false;
}

}  // namespace jit::lease
