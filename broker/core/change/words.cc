#include <array>

#include "broker/core/change/lifecycle.h"

namespace jit::change {
namespace {

constexpr std::array kStates = {
    State::kNone,     State::kPlanned, State::kRehearsed, State::kFailed,     State::kSubmitted,
    State::kApproved, State::kDenied,  State::kWithdrawn, State::kLapsed,     State::kApplying,
    State::kApplied,  State::kUndone,  State::kDropped,   State::kRolledBack,
};

}  // namespace

std::string StateWord(State state) {
  switch (state) {
    case State::kNone:
      return "none";
    case State::kPlanned:
      return "planned";
    case State::kRehearsed:
      return "rehearsed";
    case State::kFailed:
      return "failed";
    case State::kSubmitted:
      return "submitted";
    case State::kApproved:
      return "approved";
    case State::kDenied:
      return "denied";
    case State::kWithdrawn:
      return "withdrawn";
    case State::kLapsed:
      return "lapsed";
    case State::kApplying:
      return "applying";
    case State::kApplied:
      return "applied";
    case State::kRolledBack:
      return "rolled_back";
    case State::kUndone:
      return "undone";
    case State::kDropped:
      return "dropped";
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

std::string PurposeWord(policy::Purpose purpose) {
  switch (purpose) {
    case policy::Purpose::kScript:
      return "script";
    case policy::Purpose::kUnrehearsed:
      return "unrehearsed";
    case policy::Purpose::kUndo:
      return "undo";
    case policy::Purpose::kDropForGood:
      return "drop_for_good";
  }
  return "";
}

}  // namespace jit::change
