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
#include "tests/core/lease/spoken.h"
#include "tests/testing/pages.h"

namespace jit::lease {
namespace {

using policy::Path;
using testing::LinesOf;
using testing::TableIn;

struct Pair {
  std::string path;
  std::string state;
  std::string command;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

std::string Line(const Pair& pair, const std::string& outcome) {
  return absl::StrFormat("%-12s| %-10s| %-19s| %s", pair.path, pair.state, pair.command, outcome);
}

// A lease that stands somewhere, in the words of the table.
struct Arrived {
  std::string path;
  std::string state;
  Path of;
  testing::Story story;
};

std::vector<Arrived> EveryStory() {
  std::vector<Arrived> stories;
  const auto add_all = [&stories](const std::string& words, Path path, absl::string_view role) {
    for (const State state : EveryState()) {
      if (const auto story = testing::StoryIn(state, path, role)) {
        stories.push_back({words, StateWord(state), path, *story});
      }
    }
  };
  add_all("ordinary", Path::kOrdinary, "writer");
  add_all("break-glass", Path::kBreakGlass, "writer");
  add_all("as owner", Path::kOrdinary, "schema");
  for (const Path path : {Path::kOrdinary, Path::kBreakGlass}) {
    stories.push_back({path == Path::kOrdinary ? "as owner" : "break-glass", "waiting", path,
                       testing::WaitingForAcceptance(path)});
  }
  return stories;
}

std::map<Pair, std::string> OutcomesOfTheCode() {
  std::map<Pair, std::string> outcomes;
  for (const Arrived& arrived : EveryStory()) {
    for (const SpokenCommand& spoken : EveryCommand(arrived.of)) {
      testing::Story story = arrived.story;
      story.After(spoken.after);
      outcomes[{arrived.path, arrived.state, spoken.words}] = Spoken(story.Try(spoken.command));
    }
  }
  return outcomes;
}

TEST(LifecycleTable, EveryPairOfStateAndCommandHasTheOutcomeOfItsRow) {
  std::map<Pair, std::string> actual = OutcomesOfTheCode();
  for (const std::string& line : LinesOf("tests/core/lease/lifecycle.table")) {
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

void Follow(const testing::Story& before, const SpokenCommand& spoken,
            std::set<Transition>& transitions) {
  testing::Story story = before;
  story.After(spoken.after);
  const auto decided = story.Try(spoken.command);
  if (!decided.ok() || decided->empty()) {
    return;
  }
  story.Then(spoken.command);
  transitions.insert(
      {StateWord(before.lease.state), spoken.words, Spoken(decided), StateWord(story.lease.state)});
}

// The stories that lifecycle.table does not tell: no seat, two seats, and a rule that changed.
void FollowTheRest(std::set<Transition>& transitions) {
  testing::Story story;
  Follow(story, {"ask", testing::AskFor("engineer", "reader")}, transitions);
  story.Then(testing::AskFor("engineer", "ddl"));
  Follow(story, {"review yes", testing::Yes("reviewer")}, transitions);
  story = *testing::StoryIn(State::kApproved, Path::kOrdinary);
  policy::Rule& rule = testing::Shop(story.policy).rules[1];
  rule.fingerprint = "another";
  Follow(story, {"open", testing::OpenBy("engineer")}, transitions);
  rule.seats.clear();
  Follow(story, {"open", testing::OpenBy("engineer")}, transitions);
}

TEST(LifecycleTable, TheDesignPageTellsTheTransitionsOfTheCode) {
  std::set<Transition> of_the_code;
  for (const Arrived& arrived : EveryStory()) {
    for (const SpokenCommand& spoken : EveryCommand(arrived.of)) {
      Follow(arrived.story, spoken, of_the_code);
    }
  }
  FollowTheRest(of_the_code);
  std::set<Transition> of_the_page;
  for (const Transition& row : TableIn("docs/design/lifecycle.md", "| From | Command |")) {
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
}  // namespace jit::lease
