#include "broker/policy_files/cases.h"

#include <string>
#include <vector>

#include "broker/policy_files/read_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy_files/small_policy.h"

namespace jit::policy_files {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CasesReport RunOnShop(const std::string& text) {
  const ParsedPolicy parsed = ParsePolicy(SmallPolicy(), kTtlFloor);
  EXPECT_EQ(TextOf(parsed.mistakes), "");
  return RunCases(*parsed.policy, {{"shop.cases.toml", text}});
}

// The verdict of the policy on one bid, as a miss shows it.
std::string Got(const std::string& bid) {
  const CasesReport report = RunOnShop("cases = [{ expect = \"needs nothing\", " + bid + " }]\n");
  EXPECT_EQ(TextOf(report.mistakes), "");
  return report.results.size() == 1 ? report.results[0].got : "";
}

TEST(Cases, SpeakEveryVerdict) {
  EXPECT_EQ(Got("who = 'ann', role = 'reader'"), "opens at once");
  EXPECT_EQ(Got("who = 'ann', role = 'writer'"), "needs peer, boss");
  EXPECT_EQ(Got("who = 'ann', role = 'writer', path = 'break-glass'"),
            "opens at once, owes a review by lead");
  EXPECT_EQ(Got("who = 'max', role = 'reader'"), "refused: no_rule_allows");
  EXPECT_EQ(Got("who = 'max', role = 'writer', path = 'break-glass'"),
            "refused: break_glass_not_allowed");
  EXPECT_EQ(Got("who = 'ann', role = 'reader', ttl = '5h'"), "refused: ttl_too_long");
  EXPECT_EQ(Got("who = 'ann', role = 'reader', ttl = '1s'"), "refused: ttl_too_short");
  EXPECT_EQ(Got("who = 'eve', role = 'reader'"), "refused: unknown_person");
  EXPECT_EQ(Got("who = 'ann', role = 'owner'"), "refused: unknown_role");
  EXPECT_EQ(Got("who = 'ann', role = 'reader', target = 'stock'"), "refused: unknown_target");
}

TEST(Cases, TellWhatStandsAfterTheApprovals) {
  const auto after = [](const std::string& people, const std::string& then) {
    return Got("who = 'ann', role = 'writer', approved_by = [" + people + "], then = '" + then +
               "'");
  };
  EXPECT_EQ(after("'bob', 'max'", "approved"), "needs peer, boss, then approved");
  EXPECT_EQ(after("'bob'", "approved"), "needs peer, boss, then waiting");
  EXPECT_EQ(after("'ann', 'max'", "approved"), "needs peer, boss, then waiting");
}

TEST(Cases, TellWhetherAnEmergencyHasBeenReviewed) {
  const auto after = [](const std::string& people) {
    return Got("who = 'ann', role = 'writer', path = 'break-glass', approved_by = [" + people +
               "], then = 'reviewed'");
  };
  EXPECT_EQ(after("'max'"), "opens at once, owes a review by lead, then reviewed");
  EXPECT_EQ(after("'ann', 'bob'"), "opens at once, owes a review by lead, then owed");
}

CasesReport RunOnChanges(const std::string& text) {
  const ParsedPolicy parsed = ParsePolicy(SmallPolicyWithChanges(), kTtlFloor);
  EXPECT_EQ(TextOf(parsed.mistakes), "");
  return RunCases(*parsed.policy, {{"shop.cases.toml", text}});
}

// The verdict on one change, as a miss shows it.
std::string GotForChange(const std::string& bid) {
  const CasesReport report =
      RunOnChanges("cases = [{ expect = 'needs nothing', path = 'change', " + bid + " }]\n");
  EXPECT_EQ(TextOf(report.mistakes), "");
  return report.results.size() == 1 ? report.results[0].got : "";
}

TEST(Cases, SpeakOfGuardedChanges) {
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', rule = 'repair'"),
            "needs peer by rule repair");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', purpose = 'script'"), "needs peer");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', purpose = 'undo'"), "applies at once");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', purpose = 'drop_for_good'"), "needs lead");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', purpose = 'unrehearsed'"), "needs boss");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'schema', rule = 'migrate'"),
            "needs boss by rule migrate");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'schema', purpose = 'unrehearsed'"),
            "refused: unrehearsed_not_allowed");
  EXPECT_EQ(GotForChange("who = 'max', role = 'writer'"), "refused: no_rule_allows");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'owner'"), "refused: unknown_role");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', approved_by = ['bob'], then = 'waiting'"),
            "needs peer, then approved");
  EXPECT_EQ(GotForChange("who = 'ann', role = 'writer', approved_by = ['ann'], then = 'waiting'"),
            "needs peer, then waiting");
}

TEST(Cases, ChangesAreSpokenOfInWordsAndTheirRulesMustBeTried) {
  const CasesReport report = RunOnChanges(R"(cases = [
  { expect = "needs peer", who = "ann", role = "writer", path = "change", purpose = "undo" },
]
)");
  EXPECT_EQ(TextOf(report), R"(shop.cases.toml:2:3: ann undoes a change as writer on shop
  expected  needs peer
  got       applies at once
shop: rule 'read' decides no case; add one
shop: rule 'write' decides no case; add one
shop: rule 'migrate' decides no case; add one
1 case, 1 miss, 0 mistakes)");
}

TEST(Cases, AChangeHasNoTimeAndOnlyAChangeHasAPurpose) {
  const CasesReport report = RunOnChanges(R"(cases = [
  { expect = "needs peer", who = "ann", role = "writer", path = "change", ttl = "5m" },
  { expect = "needs peer, boss", who = "ann", role = "writer", purpose = "undo" },
  { expect = "needs peer", who = "ann", role = "writer", path = "change", purpose = "redo" },
]
)");
  EXPECT_EQ(TextOf(report.mistakes),
            "shop.cases.toml:2:81: nobody asks for a time with a change: its rule says how long a "
            "run may take\n"
            "shop.cases.toml:3:74: only a change has a purpose: path = \"change\"\n"
            "shop.cases.toml:4:85: 'purpose' of this case must be \"script\" or \"unrehearsed\" or "
            "\"undo\" or \"drop_for_good\"");
}

TEST(Cases, AMissNamesItsPlaceAndBothVerdicts) {
  const CasesReport report = RunOnShop(R"(cases = [
  { expect = "opens at once", who = "ann", role = "reader", rule = "read" },
  { expect = "opens at once", who = "ann", role = "writer", rule = "write" },
]
)");
  EXPECT_FALSE(report.AllHit());
  EXPECT_EQ(TextOf(report), R"(shop.cases.toml:3:3: ann asks for writer on shop
  expected  opens at once by rule write
  got       needs peer, boss by rule write
shop: rule 'fire' decides no case; add one
2 cases, 1 miss, 0 mistakes)");
  EXPECT_EQ(JsonOf(report),
            R"({"cases":2,"misses":[{"about":"ann asks for writer on shop",)"
            R"("column":3,"expected":"opens at once by rule write","file":"shop.cases.toml",)"
            R"("got":"needs peer, boss by rule write","line":3}],"mistakes":[],)"
            R"("untried_rules":["shop: rule 'fire'"]})");
}

TEST(Cases, ARuleThatMustDecideAndDoesNotIsAMiss) {
  EXPECT_FALSE(
      RunOnShop("cases = [{ expect = 'opens at once', who = 'ann', role = 'reader', rule = "
                "'write' }]")
          .AllHit());
}

TEST(Cases, MistakesAreToldWithTheirPlaceAndTheOtherCasesStillRun) {
  const CasesReport report = RunOnShop(R"(cases = [
  { expect = "opens soon", who = "ann", role = "reader" },
  { expect = "refused: because", who = "ann", role = "reader" },
  { expect = "opens at once", who = "Ann", role = "reader" },
  { expect = "opens at once", who = "ann", role = "reader", for = "1h" },
  { expect = "opens at once", who = "ann", role = "reader", then = "approved" },
  { expect = "opens at once", who = "ann", role = "reader", approved_by = ["bob"], then = "owed" },
  { expect = "opens at once", who = "ann", role = "reader" },
]
)");
  EXPECT_FALSE(report.AllHit());
  EXPECT_EQ(report.results.size(), 1u);
  std::vector<int> lines;
  for (const Mistake& mistake : report.mistakes) {
    lines.push_back(mistake.place.line);
  }
  EXPECT_THAT(lines, ElementsAre(2, 3, 4, 5, 6, 7));
  EXPECT_EQ(TextOf({report.mistakes[3]}),
            "shop.cases.toml:5:61: 'for' is no key of a case; its keys are expect, who, role, ttl, "
            "path, purpose, rule, target, approved_by, then");
}

TEST(Cases, AFileThatIsNotTomlOrHasAnotherKeyIsAMistake) {
  EXPECT_EQ(RunOnShop("cases = [").mistakes.size(), 1u);
  EXPECT_EQ(RunOnShop("case = []").mistakes.size(), 2u);
}

// The policies that come with the project answer what their cases say, and every rule is tried.
TEST(Cases, OfTheExamplePoliciesAllHit) {
  const LoadedPolicy loaded = LoadPolicy(JIT_SOURCE_DIR "/policies", kTtlFloor);
  ASSERT_EQ(TextOf(loaded.parsed.mistakes), "");
  const CasesReport report = RunCases(*loaded.parsed.policy, loaded.cases);
  EXPECT_TRUE(report.AllHit()) << TextOf(report);
  EXPECT_GE(report.results.size(), 20u);
  EXPECT_THAT(report.untried, IsEmpty());
}

}  // namespace
}  // namespace jit::policy_files
