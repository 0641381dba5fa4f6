// Events, commands and outcomes in the words of docs/design/lifecycle.md and lifecycle.table.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/refusal.h"
#include "tests/testing/lease_builder.h"

namespace jit::lease {

inline std::string Spoken(const Event& event) {
  static const std::vector<std::string> words = {
      "asked",   "reviewed", "approved",      "sent_back",       "denied",  "withdrawn",
      "lapsed",  "opening",  "opened",        "verifier",        "closing", "off",
      "removed", "debt",     "debt_reviewed", "residue_accepted"};
  return words.at(event.index());
}

// "reviewed approved", "refused own_lease", or "nothing".
inline std::string Spoken(const absl::StatusOr<std::vector<Event>>& decided) {
  if (!decided.ok()) {
    const auto reason = core::ReasonOf(decided.status());
    return absl::StrCat("refused ", reason.has_value() ? core::ReasonWord(*reason) : "without");
  }
  if (decided->empty()) {
    return "nothing";
  }
  return absl::StrJoin(*decided, " ", [](std::string* out, const Event& event) {
    absl::StrAppend(out, Spoken(event));
  });
}

// Every command in the mouth of somebody who may give it, at a moment when nothing is due, except
// `tick late`, which comes when the next deadline has passed.
struct SpokenCommand {
  std::string words;
  Command command;
  absl::Duration after = absl::Minutes(1);
};

inline std::vector<SpokenCommand> EveryCommand(policy::Path path) {
  const bool emergency = path == policy::Path::kBreakGlass;
  const std::string holder = emergency ? "oncall" : "engineer";
  return {{"ask", emergency ? testing::BreakGlassFor(holder, "writer")
                            : testing::AskFor(holder, "writer")},
          {"review yes", testing::Yes("second_reviewer")},
          {"review no", testing::No("second_reviewer")},
          {"withdraw", Withdraw{testing::Person(holder)}},
          {"open", testing::OpenBy(holder)},
          {"record opened", RecordOpened{}},
          {"record fault", RecordOpenFault{"the target said no"}},
          {"end", End{testing::Person(holder)}},
          {"revoke", Revoke{testing::Person("operator"), "not now"}},
          {"tick early", Tick{}},
          {"tick late", Tick{}, absl::Hours(48)},
          {"close for drift", CloseForDrift{"somebody set another deadline"}},
          {"record off", RecordOff{"0 sessions"}},
          {"record removed", RecordRemoved{"role gone", testing::OneTableMore()}},
          {"review break-glass", testing::Findings("manager", Verdict::kYes)},
          {"accept residue", testing::Acceptance(emergency ? "manager" : "second_reviewer")}};
}

inline const std::vector<State>& EveryState() {
  static const std::vector<State> states = {State::kNone,    State::kRequested, State::kApproved,
                                            State::kDenied,  State::kWithdrawn, State::kLapsed,
                                            State::kOpening, State::kOpen,      State::kClosing,
                                            State::kOff,     State::kClosed};
  return states;
}

}  // namespace jit::lease
