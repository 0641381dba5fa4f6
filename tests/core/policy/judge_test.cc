#include "broker/core/policy/judge.h"

#include <gtest/gtest.h>

#include "tests/testing/policy_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::policy {
namespace {

using core::Reason;
using testing::Group;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::Role;
using testing::RuleFor;
using testing::SeatFromGroup;
using testing::Shop;
using testing::ShopPolicy;
using testing::Target;
using Outcome = Consideration::Outcome;

Bid BidFor(absl::string_view person, absl::string_view role,
           std::optional<absl::Duration> ttl = std::nullopt, Path path = Path::kOrdinary) {
  return Bid{Person(person), Target("shop"), Role(role), ttl, path};
}

TEST(Judge, TheTermsHoldEverythingThatOpeningNeeds) {
  const Policy policy = ShopPolicy();
  const auto terms = Judge(policy, BidFor("engineer", "writer"));
  ASSERT_THAT(terms, IsOk());
  EXPECT_EQ(terms->rule.text(), "write");
  EXPECT_EQ(terms->rule_fingerprint, "rule write");
  EXPECT_EQ(terms->role_fingerprint, "role writer");
  EXPECT_EQ(terms->policy_fingerprint, "policy");
  EXPECT_EQ(terms->access, Access::kWrites);
  EXPECT_EQ(terms->member_of.at(0).text(), "shop_writer");
  EXPECT_EQ(terms->ttl, absl::Minutes(30));
  EXPECT_EQ(terms->seats, (std::vector<Seat>{SeatFromGroup("review", "reviewers")}));
  EXPECT_EQ(terms->reviewer, std::nullopt);
  EXPECT_EQ(terms->review_window, absl::Hours(24));
  EXPECT_EQ(terms->approved_window, absl::Hours(8));
}

TEST(Judge, TheFirstRuleThatNamesPersonAndRoleAndAllowsTheTimeDecides) {
  Policy policy = ShopPolicy();
  auto& rules = Shop(policy).rules;
  rules.insert(rules.begin(), RuleFor("quick", {"engineers"}, {"writer"}, absl::Minutes(10), {}));
  EXPECT_EQ(Judge(policy, BidFor("engineer", "writer", absl::Minutes(10)))->rule.text(), "quick");
  EXPECT_EQ(Judge(policy, BidFor("engineer", "writer", absl::Minutes(11)))->rule.text(), "write");
}

TEST(Judge, WithoutATimeTheRolesDefaultCutToTheRuleIsGiven) {
  Policy policy = ShopPolicy();
  Shop(policy).rules[1].ttl_max = absl::Minutes(10);
  EXPECT_EQ(Judge(policy, BidFor("engineer", "writer"))->ttl, absl::Minutes(10));
  EXPECT_EQ(Judge(policy, BidFor("engineer", "reader"))->ttl, absl::Minutes(30));
}

TEST(Judge, ARuleNeverGivesMoreThanTheRoleAllows) {
  Policy policy = ShopPolicy();
  Shop(policy).roles.at(Role("reader")).ttl_max = absl::Hours(2);
  EXPECT_THAT(Judge(policy, BidFor("engineer", "reader", absl::Hours(3))),
              RefusedSaying(Reason::kTtlTooLong, HasSubstr("2h at most")));
}

TEST(Judge, BreakGlassWithoutATimeGetsTheRulesLongest) {
  const auto terms = Judge(ShopPolicy(), BidFor("oncall", "writer", {}, Path::kBreakGlass));
  ASSERT_THAT(terms, IsOk());
  EXPECT_EQ(terms->ttl, absl::Minutes(15));
  EXPECT_TRUE(terms->seats.empty());
  EXPECT_EQ(terms->reviewer, testing::SeatForManager("review"));
  EXPECT_EQ(terms->review_within, absl::Hours(24));
}

TEST(Judge, APersonWhoIsNotInTheDirectoryIsUnknown) {
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("stranger", "reader")),
              RefusedWith(Reason::kUnknownPerson));
}

TEST(Judge, APersonInNoGroupIsToldSo) {
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("drifter", "reader")),
              RefusedWith(Reason::kPersonInNoGroup));
}

TEST(Judge, UnknownTargetsAndRolesAreNotEchoed) {
  Bid bid = BidFor("engineer", "reader");
  bid.target = Target("warehouse");
  EXPECT_THAT(Judge(ShopPolicy(), bid),
              RefusedSaying(Reason::kUnknownTarget, Not(HasSubstr("warehouse"))));
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("engineer", "emperor")),
              RefusedSaying(Reason::kUnknownRole, Not(HasSubstr("emperor"))));
}

TEST(Judge, TimesBelowTheLeastOrNotWholeSecondsAreRefused) {
  const Policy policy = ShopPolicy();
  EXPECT_THAT(Judge(policy, BidFor("engineer", "reader", absl::Seconds(60))), IsOk());
  for (const absl::Duration ttl :
       {absl::ZeroDuration(), absl::Seconds(59), -absl::Hours(1), -absl::InfiniteDuration()}) {
    EXPECT_THAT(Judge(policy, BidFor("engineer", "reader", ttl)),
                RefusedWith(Reason::kTtlTooShort));
  }
  EXPECT_THAT(Judge(policy, BidFor("engineer", "reader", absl::Milliseconds(90'500))),
              RefusedWith(Reason::kTtlMalformed));
}

TEST(Judge, HugeTimesAreTooLong) {
  for (const absl::Duration ttl :
       {absl::Hours(1) + absl::Seconds(1), absl::Hours(1'000'000), absl::InfiniteDuration()}) {
    EXPECT_THAT(Judge(ShopPolicy(), BidFor("engineer", "writer", ttl)),
                RefusedSaying(Reason::kTtlTooLong, HasSubstr("1h at most")));
  }
}

TEST(Judge, WhatNoRuleNamesIsDenied) {
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("oncall", "writer")), RefusedWith(Reason::kNoRuleAllows));
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("reviewer", "reader")),
              RefusedWith(Reason::kNoRuleAllows));
}

TEST(Judge, BreakGlassIsForThoseItNamesOnly) {
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("engineer", "writer", {}, Path::kBreakGlass)),
              RefusedWith(Reason::kBreakGlassNotAllowed));
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("oncall", "ddl", {}, Path::kBreakGlass)),
              RefusedWith(Reason::kBreakGlassNotAllowed));
  EXPECT_THAT(Judge(ShopPolicy(), BidFor("oncall", "writer", absl::Minutes(16), Path::kBreakGlass)),
              RefusedWith(Reason::kTtlTooLong));
}

TEST(Judge, ASeatThatNobodyCouldFillIsNamed) {
  Policy policy = ShopPolicy();
  policy.people.people.erase(Person("manager"));
  EXPECT_THAT(Judge(policy, BidFor("engineer", "ddl")),
              RefusedSaying(Reason::kNobodyCanApprove, HasSubstr("seat boss")));
  EXPECT_THAT(Judge(policy, BidFor("oncall", "writer", {}, Path::kBreakGlass)),
              RefusedSaying(Reason::kNobodyCanApprove, HasSubstr("seat review")));
}

TEST(Explain, EveryRuleOfTheTargetIsToldInFileOrder) {
  const auto told = Explain(ShopPolicy(), BidFor("engineer", "writer", absl::Minutes(30)));
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].outcome, Outcome::kDoesNotNameRole);
  EXPECT_EQ(told[1].outcome, Outcome::kDecided);
  EXPECT_EQ(told[2].outcome, Outcome::kNotReached);
  EXPECT_THAT(told[2].why, HasSubstr("rule write decided"));
}

TEST(Explain, WhyNoRuleDecidedIsTold) {
  const auto told = Explain(ShopPolicy(), BidFor("oncall", "writer", absl::Hours(9)));
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].outcome, Outcome::kDoesNotNameRole);
  EXPECT_EQ(told[1].outcome, Outcome::kDoesNotNameYou);
  EXPECT_EQ(Explain(ShopPolicy(), BidFor("engineer", "writer", absl::Hours(9)))[1].outcome,
            Outcome::kTimeTooLong);
}

TEST(Explain, ARoleThatIsNotOfferedIsNamedByNoRule) {
  for (const Consideration& told : Explain(ShopPolicy(), BidFor("engineer", "emperor"))) {
    EXPECT_EQ(told.outcome, Outcome::kDoesNotNameRole);
  }
}

TEST(StillStands, AChangeElsewhereInTheFileChangesNothing) {
  Policy policy = ShopPolicy();
  const Bid bid = BidFor("engineer", "writer");
  const Terms terms = *Judge(policy, bid);
  policy.fingerprint = "another policy";
  Shop(policy).rules[0].fingerprint = "another rule read";
  EXPECT_THAT(StillStands(policy, bid, terms), IsOk());
}

TEST(StillStands, AnotherRuleOrRoleIsSaid) {
  const Bid bid = BidFor("engineer", "writer");
  const Terms terms = *Judge(ShopPolicy(), bid);
  Policy policy = ShopPolicy();
  Shop(policy).rules[1].fingerprint = "another";
  EXPECT_THAT(StillStands(policy, bid, terms),
              RefusedSaying(Reason::kPolicyChanged, HasSubstr("rule write, which decided, has")));
  policy = ShopPolicy();
  Shop(policy).rules.erase(Shop(policy).rules.begin() + 1);
  EXPECT_THAT(StillStands(policy, bid, terms),
              RefusedSaying(Reason::kPolicyChanged, HasSubstr("is gone")));
  policy = ShopPolicy();
  Shop(policy).roles.at(Role("writer")).fingerprint = "another";
  EXPECT_THAT(StillStands(policy, bid, terms),
              RefusedSaying(Reason::kPolicyChanged, HasSubstr("role writer has changed")));
  policy = ShopPolicy();
  Shop(policy).roles.erase(Role("writer"));
  EXPECT_THAT(StillStands(policy, bid, terms), RefusedWith(Reason::kPolicyChanged));
  policy.targets.clear();
  EXPECT_THAT(StillStands(policy, bid, terms), RefusedWith(Reason::kPolicyChanged));
}

TEST(StillStands, ARequesterWhoLeftTheGroupIsNoLongerNamed) {
  Policy policy = ShopPolicy();
  const Bid bid = BidFor("engineer", "writer");
  const Terms terms = *Judge(policy, bid);
  policy.people.people.at(Person("engineer")).groups = {Group("reviewers")};
  EXPECT_THAT(StillStands(policy, bid, terms),
              RefusedSaying(Reason::kPolicyChanged, HasSubstr("no longer names the requester")));
}

TEST(Sight, TheRequesterPossibleReviewersAndTheOfficesSeeALease) {
  const Policy policy = ShopPolicy();
  const Terms terms = *Judge(policy, BidFor("engineer", "ddl"));
  for (const char* who :
       {"engineer", "reviewer", "second_reviewer", "manager", "operator", "auditor"}) {
    EXPECT_TRUE(MaySee(policy, Person(who), Person("engineer"), terms)) << who;
  }
  for (const char* who : {"peer", "oncall", "drifter", "stranger"}) {
    EXPECT_FALSE(MaySee(policy, Person(who), Person("engineer"), terms)) << who;
  }
}

TEST(Sight, TheReviewerOfABreakGlassSeesIt) {
  const Policy policy = ShopPolicy();
  const Terms terms = *Judge(policy, BidFor("oncall", "writer", {}, Path::kBreakGlass));
  EXPECT_TRUE(MaySee(policy, Person("manager"), Person("oncall"), terms));
  EXPECT_FALSE(MaySee(policy, Person("reviewer"), Person("oncall"), terms));
}

TEST(Revoking, IsForPossibleReviewersAndOperatorsAndNeverForTheRequester) {
  Policy policy = ShopPolicy();
  policy.people.people.at(Person("engineer")).groups.insert(Group("operators"));
  const Terms writer = *Judge(policy, BidFor("engineer", "writer"));
  EXPECT_TRUE(MayRevoke(policy, Person("reviewer"), Person("engineer"), writer));
  EXPECT_TRUE(MayRevoke(policy, Person("operator"), Person("engineer"), writer));
  EXPECT_FALSE(MayRevoke(policy, Person("auditor"), Person("engineer"), writer));
  EXPECT_FALSE(MayRevoke(policy, Person("engineer"), Person("engineer"), writer));
  const Terms reader = *Judge(policy, BidFor("engineer", "reader"));
  EXPECT_TRUE(MayRevoke(policy, Person("operator"), Person("engineer"), reader));
  EXPECT_FALSE(MayRevoke(policy, Person("reviewer"), Person("engineer"), reader));
}

TEST(Offices, AreHeldThroughGroups) {
  const Policy policy = ShopPolicy();
  EXPECT_TRUE(IsOperator(policy, Person("operator")));
  EXPECT_FALSE(IsOperator(policy, Person("auditor")));
  EXPECT_TRUE(IsAuditor(policy, Person("auditor")));
  EXPECT_FALSE(IsAuditor(policy, Person("stranger")));
}

}  // namespace
}  // namespace jit::policy
