// Events, commands and outcomes in the words of docs/design/changes.md and lifecycle.table.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/refusal.h"
#include "tests/testing/change_stories.h"

namespace jit::change {

inline std::string Spoken(const Event& event) {
  static const std::vector<std::string> words = {
      "planned",     "rehearsed",      "not_rehearsed", "submitted", "reviewed", "approved",
      "sent_back",   "denied",         "withdrawn",     "lapsed",    "applying", "applied",
      "rolled_back", "subject_marked", "undone",        "dropped"};
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

inline Report ReportOfWhatIsRefused() {
  Report report = testing::ReportOfOneOrder();
  report.statements.at(0).findings = {
      Finding{"copy_program", Severity::kRefused, 1, "it runs a program on the server"}};
  return report;
}

inline std::vector<SpokenCommand> EveryCommand(policy::Purpose purpose) {
  const core::PersonId engineer = testing::Person("engineer");
  const core::ChangeId another = testing::ChangeIdNumbered(9);
  return {{"plan", testing::PlanAbout("engineer", purpose)},
          {"record rehearsed", testing::RehearsedAs(testing::ReportOfOneOrder())},
          {"record refused", testing::RehearsedAs(ReportOfWhatIsRefused())},
          {"record not rehearsed", RecordNotRehearsed{"the target said no", {}}},
          {"submit", Submit{engineer}},
          {"review yes", testing::ChangeReviewBy("second_reviewer", lease::Verdict::kYes)},
          {"review no", testing::ChangeReviewBy("second_reviewer", lease::Verdict::kNo)},
          {"deny", Deny{testing::Person("operator"), "not now"}},
          {"withdraw", Withdraw{engineer}},
          {"apply", testing::ApplyAbout("engineer", purpose)},
          {"record applied", RecordApplied{testing::ReportOfOneOrder()}},
          {"record rolled back", RecordRolledBack{"a count did not hold", std::nullopt}},
          {"tick early", Tick{}},
          {"tick late", Tick{}, absl::Hours(48)},
          {"record subject marked", RecordSubjectMarked{}},
          {"mark undone", MarkUndone{another}},
          {"mark dropped", MarkDropped{another}}};
}

inline const std::vector<State>& EveryState() {
  static const std::vector<State> states = {
      State::kNone,     State::kPlanned,    State::kRehearsed, State::kFailed, State::kSubmitted,
      State::kApproved, State::kDenied,     State::kWithdrawn, State::kLapsed, State::kApplying,
      State::kApplied,  State::kRolledBack, State::kUndone,    State::kDropped};
  return states;
}

}  // namespace jit::change
