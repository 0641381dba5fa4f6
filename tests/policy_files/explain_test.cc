#include "broker/policy_files/explain.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy_files/small_policy.h"

namespace jit::policy_files {
namespace {

using ::testing::HasSubstr;

policy::Policy Small() {
  return *ParsePolicy(SmallPolicy(), kTtlFloor).policy;
}

policy::Bid BidFor(absl::string_view who, absl::string_view role, std::optional<absl::Duration> ttl,
                   policy::Path path = policy::Path::kOrdinary) {
  return {*core::PersonId::Parse(who), *core::TargetName::Parse("shop"),
          *core::RoleName::Parse(role), ttl, path};
}

TEST(Explain, SaysTheVerdictFirstThenEveryRuleThenTheSeats) {
  const policy::Policy policy = Small();
  EXPECT_EQ(ExplainText(policy, BidFor("ann", "writer", absl::Minutes(30))),
            absl::StrCat(
                "needs peer, boss\n"
                "ann asks for writer on shop for 30m\n"
                "not this role: rule read does not name the role\n"
                "decided: rule write names the requester and the role, and allows up to 1h\n"
                "seat peer, group engineers: bob\n"
                "seat boss, manager of the requester: max\n"
                "the login lives for 30m and is member of shop_writer, shop_reader\n"
                "a guard lets it change 1000 rows in a statement, 10000 in all, and 50% of a table "
                "of which it changes more than 50 rows; tables without a key are refused unless "
                "they are named "
                "and accepted\n"
                "policy ",
                policy.fingerprint));
}

TEST(Explain, SaysWhyARefusalWasGiven) {
  const std::string text = ExplainText(Small(), BidFor("max", "reader", std::nullopt));
  EXPECT_THAT(text, HasSubstr("refused: no_rule_allows\nmax asks for reader on shop\nbecause "));
  EXPECT_THAT(text, HasSubstr("\nnot this person: rule read is for other groups: engineers\n"));
}

TEST(Explain, SaysWhoReviewsAnEmergency) {
  const std::string text =
      ExplainText(Small(), BidFor("bob", "writer", std::nullopt, policy::Path::kBreakGlass));
  EXPECT_THAT(text, HasSubstr("opens at once, owes a review by lead\n"
                              "bob breaks the glass for writer on shop\n"));
  EXPECT_THAT(text, HasSubstr("\nreviewer lead, group leads: max\nreview due within 1d\n"));
}

policy::ChangeBid ChangeBy(absl::string_view who, absl::string_view role,
                           policy::Purpose purpose = policy::Purpose::kScript) {
  return {*core::PersonId::Parse(who), *core::TargetName::Parse("shop"),
          *core::RoleName::Parse(role), purpose};
}

policy::Policy WithChanges() {
  return *ParsePolicy(SmallPolicyWithChanges(), kTtlFloor).policy;
}

TEST(Explain, SaysWhatTheGuardAllows) {
  EXPECT_THAT(
      ExplainText(WithChanges(), BidFor("ann", "writer", std::nullopt)),
      HasSubstr("\na guard lets it change 200 rows in a statement, 10000 in all, and 50% of "
                "a table of which it changes more than 50 rows; tables without a key are "
                "refused unless they are named and accepted; it is always attached\n"));
}

TEST(Explain, SaysLoudlyThatARoleIsNotGuarded) {
  const policy::Policy policy =
      *ParsePolicy(
           ChangesWith("statement_rows = 200\nattached = \"always\"\n", "attached = \"never\"\n"),
           kTtlFloor)
           .policy;
  const policy::Bid bid = BidFor("ann", "writer", std::nullopt);
  EXPECT_THAT(ExplainText(policy, bid),
              HasSubstr("\nNOT GUARDED: nothing limits how many rows it changes, and nothing puts "
                        "them back\n"));
  EXPECT_THAT(ExplainJson(policy, bid), HasSubstr("\"guarded\":false"));
}

TEST(Explain, SaysWhichRuleDecidesAboutAChange) {
  const policy::Policy policy = WithChanges();
  EXPECT_EQ(ExplainText(policy, ChangeBy("ann", "schema")),
            absl::StrCat("needs boss\n"
                         "ann runs a script as schema on shop\n"
                         "not this role: rule repair does not name the role\n"
                         "decided: rule migrate names the requester and the role\n"
                         "seat boss, manager of the requester: max\n"
                         "a run may take 10m and touch 100000 rows; its counts may differ from the "
                         "rehearsed ones by 0%\n"
                         "its login is member of shop_owner and works as shop_owner\n"
                         "policy ",
                         policy.fingerprint));
  const std::string refused =
      ExplainText(policy, ChangeBy("max", "writer", policy::Purpose::kDropForGood));
  EXPECT_THAT(refused, HasSubstr("refused: no_rule_allows\nmax drops for good what a change kept "
                                 "as writer on shop\nbecause "));
  EXPECT_THAT(refused,
              HasSubstr("\nnot this person: rule repair is for other groups: engineers\n"));
}

TEST(Explain, GivesTheSameAboutAChangeAsJson) {
  const policy::Policy policy = WithChanges();
  const auto json = ledger::ParseCanonical(ExplainJson(policy, ChangeBy("ann", "schema")));
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)["verdict"], "needs boss");
  EXPECT_EQ((*json)["purpose"], "script");
  EXPECT_EQ((*json)["rules"][1]["outcome"], "decided");
  EXPECT_EQ((*json)["seats"][0]["candidates"][0], "max");
  EXPECT_EQ((*json)["longest_seconds"], 600);
  EXPECT_EQ((*json)["owner"], "shop_owner");

  const auto refused = ledger::ParseCanonical(
      ExplainJson(policy, ChangeBy("ann", "schema", policy::Purpose::kUnrehearsed)));
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ((*refused)["reason"], "unrehearsed_not_allowed");
  EXPECT_TRUE((*refused)["rule"].is_null());
}

TEST(Explain, GivesTheSameAsJson) {
  const policy::Policy policy = Small();
  const auto json =
      ledger::ParseCanonical(ExplainJson(policy, BidFor("ann", "writer", absl::Minutes(30))));
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)["verdict"], "needs peer, boss");
  EXPECT_EQ((*json)["rule"], "write");
  EXPECT_EQ((*json)["ttl_seconds"], 1800);
  EXPECT_EQ((*json)["rules"][1]["outcome"], "decided");
  EXPECT_EQ((*json)["seats"][0]["candidates"][0], "bob");
  EXPECT_TRUE((*json)["reason"].is_null());

  const auto refused =
      ledger::ParseCanonical(ExplainJson(policy, BidFor("max", "reader", std::nullopt)));
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ((*refused)["reason"], "no_rule_allows");
  EXPECT_TRUE((*refused)["seats"].is_null());
}

}  // namespace
}  // namespace jit::policy_files
