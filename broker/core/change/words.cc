#include <array>

#include "broker/core/change/lifecycle.h"

namespace jit::change {
namespace {

using policy::Purpose;

constexpr std::array kStates = {
    State::kNone,     State::kPlanned,    State::kRehearsed, State::kFailed, State::kSubmitted,
    State::kApproved, State::kDenied,     State::kWithdrawn, State::kLapsed, State::kApplying,
    State::kApplied,  State::kRolledBack, State::kUndone,    State::kDropped};
constexpr std::array kPurposes = {Purpose::kScript, Purpose::kUnrehearsed, Purpose::kUndo,
                                  Purpose::kDropForGood};

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

std::string PurposeWord(Purpose purpose) {
  switch (purpose) {
    case Purpose::kScript:
      return "script";
    case Purpose::kUnrehearsed:
      return "unrehearsed";
    case Purpose::kUndo:
      return "undo";
    case Purpose::kDropForGood:
      return "drop_for_good";
  }
  return "";
}

std::optional<Purpose> PurposeFromWord(absl::string_view word) {
  for (const Purpose purpose : kPurposes) {
    if (PurposeWord(purpose) == word) {
      return purpose;
    }
  }
  return std::nullopt;
}

bool IsFinal(State state) {
  switch (state) {
    case State::kFailed:
    case State::kDenied:
    case State::kWithdrawn:
    case State::kLapsed:
    case State::kRolledBack:
    case State::kUndone:
    case State::kDropped:
      return true;
    case State::kNone:
    case State::kPlanned:
    case State::kRehearsed:
    case State::kSubmitted:
    case State::kApproved:
    case State::kApplying:
    case State::kApplied:
      break;
  }
  return false;
}

}  // namespace jit::change
