// Every state, every command: lifecycle.table says what happens, and this test asks the code.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/core/change/spoken.h"
#include "tests/testing/pages.h"

namespace jit::change {
namespace {

using policy::Purpose;
using testing::ChangeStory;
using testing::LinesOf;

struct Pair {
  std::string purpose;
  std::string state;
  std::string command;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

std::string Line(const Pair& pair, const std::string& outcome) {
  return absl::StrFormat("%-7s| %-12s| %-22s| %s", pair.purpose, pair.state, pair.command, outcome);
}

std::map<Pair, std::string> OutcomesOfTheCode() {
  std::map<Pair, std::string> outcomes;
  for (const Purpose purpose : {Purpose::kScript, Purpose::kUndo}) {
    for (const State state : EveryState()) {
      const std::optional<ChangeStory> arrived = testing::ChangeStoryIn(state, purpose);
      if (!arrived.has_value()) {
        continue;
      }
      for (const SpokenCommand& spoken : EveryCommand(purpose)) {
        ChangeStory story = *arrived;
        story.After(spoken.after);
        outcomes[{PurposeWord(purpose), StateWord(state), spoken.words}] =
            Spoken(story.Try(spoken.command));
      }
    }
  }
  return outcomes;
}

TEST(ChangeLifecycleTable, EveryPairOfStateAndCommandHasTheOutcomeOfItsRow) {
  std::map<Pair, std::string> actual = OutcomesOfTheCode();
  for (const std::string& line : LinesOf("tests/core/change/lifecycle.table")) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    ASSERT_EQ(cells.size(), 4U) << line;
    const auto cell = [&](std::size_t i) {
      return std::string(absl::StripAsciiWhitespace(cells[i]));
    };
    const Pair pair{cell(0), cell(1), cell(2)};
    const auto found = actual.find(pair);
    ASSERT_NE(found, actual.end()) << "there is no such pair, or it stands there twice: " << line;
    EXPECT_EQ(found->second, cell(3)) << line;
    actual.erase(found);
  }
  for (const auto& [pair, outcome] : actual) {
    ADD_FAILURE() << "a row is missing; today it would be\n" << Line(pair, outcome);
  }
}

using Transition = std::vector<std::string>;  // from, command, events, to

void Follow(const ChangeStory& before, const SpokenCommand& spoken,
            std::set<Transition>& transitions) {
  ChangeStory story = before;
  story.After(spoken.after);
  const auto decided = story.Try(spoken.command);
  if (!decided.ok() || decided->empty()) {
    return;
  }
  story.Then(spoken.command);
  transitions.insert({StateWord(before.change.state), spoken.words, Spoken(decided),
                      StateWord(story.change.state)});
}

// The stories that lifecycle.table does not tell: two seats, and a rule that changed.
void FollowTheRest(std::set<Transition>& transitions) {
  ChangeStory story = *testing::ChangeStoryIn(State::kSubmitted, Purpose::kUnrehearsed);
  Follow(story, {"review yes", testing::ChangeReviewBy("reviewer", lease::Verdict::kYes)},
         transitions);
  story = testing::ScriptIn(State::kApproved);
  policy::ChangeRule& rule = testing::Shop(story.policy).changes[0];
  rule.fingerprint = "another";
  Follow(story, {"apply", testing::ApplyBy("engineer")}, transitions);
  rule.seats.clear();
  Follow(story, {"apply", testing::ApplyBy("engineer")}, transitions);
}

TEST(ChangeLifecycleTable, TheDesignPageTellsTheTransitionsOfTheCode) {
  std::set<Transition> of_the_code;
  for (const Purpose purpose :
       {Purpose::kScript, Purpose::kUnrehearsed, Purpose::kUndo, Purpose::kDropForGood}) {
    for (const State state : EveryState()) {
      if (const auto story = testing::ChangeStoryIn(state, purpose)) {
        for (const SpokenCommand& spoken : EveryCommand(purpose)) {
          Follow(*story, spoken, of_the_code);
        }
      }
    }
  }
  FollowTheRest(of_the_code);
  std::set<Transition> of_the_page;
  for (const Transition& row : testing::TableIn("docs/design/changes.md", "| From | Command |")) {
    EXPECT_TRUE(of_the_page.insert(row).second) << "twice: " << absl::StrJoin(row, " | ");
  }
  for (const Transition& row : of_the_code) {
    EXPECT_EQ(of_the_page.count(row), 1U) << "missing: | " << absl::StrJoin(row, " | ") << " |";
  }
  for (const Transition& row : of_the_page) {
    EXPECT_EQ(of_the_code.count(row), 1U) << "not so: | " << absl::StrJoin(row, " | ") << " |";
  }
}

}  // namespace
}  // namespace jit::change
