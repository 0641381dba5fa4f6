#include "broker/core/policy/change_rule.h"

#include <gtest/gtest.h>

#include "broker/core/policy/access.h"
#include "tests/testing/change_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::policy {
namespace {

using core::Reason;
using ::testing::ElementsAre;
using testing::Group;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::Role;
using testing::SeatForManager;
using testing::SeatFromGroup;
using testing::Shop;
using testing::ShopPolicyWithChanges;
using testing::Target;

ChangeBid BidFor(absl::string_view person, absl::string_view role,
                 Purpose purpose = Purpose::kScript) {
  return ChangeBid{Person(person), Target("shop"), Role(role), purpose};
}

TEST(JudgeChange, TheTermsHoldEverythingThatTheChangeNeeds) {
  Policy policy = ShopPolicyWithChanges();
  OfferedRole& role = Shop(policy).roles.at(Role("writer"));
  role.access = Access::kDefines;
  role.owner = core::PgGroup::Parse("shop_owner").value();
  ChangeRule& rule = Shop(policy).changes[0];
  rule.tolerance_percent = 5;
  rule.samples = 2;
  rule.masked = {"shop.people.name"};
  rule.rows_max = 77;
  rule.run_max = absl::Minutes(3);
  rule.statement_timeout = absl::Minutes(2);
  rule.lock_timeout = absl::Seconds(1);
  rule.waiting_period = absl::Hours(5);
  rule.images_kept = absl::Hours(6);
  const auto terms = JudgeChange(policy, BidFor("engineer", "writer"));
  ASSERT_THAT(terms, IsOk());
  const ChangeTerms expected{.rule = testing::RuleNamed("fix"),
                             .rule_fingerprint = "rule fix",
                             .role_fingerprint = "role writer",
                             .policy_fingerprint = "policy",
                             .access = Access::kDefines,
                             .member_of = {core::PgGroup::Parse("shop_writer").value()},
                             .owner = core::PgGroup::Parse("shop_owner").value(),
                             .seats = {SeatFromGroup("review", "reviewers")},
                             .tolerance_percent = 5,
                             .samples = 2,
                             .masked = {"shop.people.name"},
                             .rows_max = 77,
                             .run_max = absl::Minutes(3),
                             .statement_timeout = absl::Minutes(2),
                             .lock_timeout = absl::Seconds(1),
                             .waiting_period = absl::Hours(5),
                             .images_kept = absl::Hours(6),
                             .review_window = absl::Hours(24),
                             .approved_window = absl::Hours(8)};
  EXPECT_EQ(*terms, expected);
}

TEST(JudgeChange, EveryPurposeHasSeatsOfItsOwn) {
  const Policy policy = ShopPolicyWithChanges();
  const Seat review = SeatFromGroup("review", "reviewers");
  const Seat boss = SeatForManager("boss");
  const auto seats = [&](Purpose purpose) {
    return JudgeChange(policy, BidFor("engineer", "writer", purpose))->seats;
  };
  EXPECT_THAT(seats(Purpose::kScript), ElementsAre(review));
  EXPECT_THAT(seats(Purpose::kUnrehearsed), ElementsAre(review, boss));
  EXPECT_THAT(seats(Purpose::kUndo), IsEmpty());
  EXPECT_THAT(seats(Purpose::kDropForGood), ElementsAre(boss));
}

TEST(JudgeChange, NothingRunsUnrehearsedUnlessTheRuleSaysWhoReviewsIt) {
  Policy policy = ShopPolicyWithChanges();
  Shop(policy).changes[0].unrehearsed_seats.reset();
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "writer", Purpose::kUnrehearsed)),
              RefusedSaying(Reason::kUnrehearsedNotAllowed, HasSubstr("rule fix")));
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "writer")), IsOk());
}

TEST(JudgeChange, TheFirstRuleThatNamesPersonAndRoleDecides) {
  Policy policy = ShopPolicyWithChanges();
  auto& rules = Shop(policy).changes;
  ChangeRule first = rules[0];
  first.name = testing::RuleNamed("first");
  rules.insert(rules.begin(), first);
  EXPECT_EQ(JudgeChange(policy, BidFor("engineer", "writer"))->rule.text(), "first");
  rules[0].roles = {Role("ddl")};
  EXPECT_EQ(JudgeChange(policy, BidFor("engineer", "writer"))->rule.text(), "fix");
  rules[0].roles = {Role("writer")};
  rules[0].who = {Group("oncall")};
  EXPECT_EQ(JudgeChange(policy, BidFor("engineer", "writer"))->rule.text(), "fix");
}

TEST(JudgeChange, WhatNoRuleNamesIsRefused) {
  const Policy policy = ShopPolicyWithChanges();
  EXPECT_THAT(JudgeChange(policy, BidFor("oncall", "writer")), RefusedWith(Reason::kNoRuleAllows));
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "ddl")), RefusedWith(Reason::kNoRuleAllows));
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "nothing")),
              RefusedWith(Reason::kUnknownRole));
  EXPECT_THAT(JudgeChange(policy, BidFor("nobody", "writer")), RefusedWith(Reason::kUnknownPerson));
  EXPECT_THAT(JudgeChange(policy, BidFor("drifter", "writer")),
              RefusedWith(Reason::kPersonInNoGroup));
  ChangeBid elsewhere = BidFor("engineer", "writer");
  elsewhere.target = Target("warehouse");
  EXPECT_THAT(JudgeChange(policy, elsewhere), RefusedWith(Reason::kUnknownTarget));
}

TEST(JudgeChange, ARuleForLeasesLetsNobodyRunChanges) {
  Policy policy = ShopPolicyWithChanges();
  Shop(policy).changes.clear();
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "writer")),
              RefusedWith(Reason::kNoRuleAllows));
}

TEST(JudgeChange, ARoleThatIsNeverALeaseCanBeAChange) {
  Policy policy = ShopPolicyWithChanges();
  Shop(policy).roles.at(Role("writer")).offered = OfferedRole::Offered::kAsChangeOnly;
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "writer")), IsOk());
}

TEST(JudgeChange, ASeatThatNobodyCanFillIsSaidBeforeAnythingRuns) {
  Policy policy = ShopPolicyWithChanges();
  policy.people.people.at(Person("engineer")).manager.reset();
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "writer", Purpose::kDropForGood)),
              RefusedWith(Reason::kNobodyCanApprove));
  EXPECT_THAT(JudgeChange(policy, BidFor("engineer", "writer")), IsOk());
}

TEST(ChangeStillStands, UntilTheRuleTheRoleOrThePersonsPlaceInTheRuleChanges) {
  const Policy policy = ShopPolicyWithChanges();
  const ChangeBid bid = BidFor("engineer", "writer");
  const ChangeTerms terms = JudgeChange(policy, bid).value();
  EXPECT_THAT(ChangeStillStands(policy, bid, terms), IsOk());
  Policy elsewhere = policy;
  elsewhere.fingerprint = "another";
  Shop(elsewhere).rules.clear();
  EXPECT_THAT(ChangeStillStands(elsewhere, bid, terms), IsOk());
  Policy rule = policy;
  Shop(rule).changes[0].fingerprint = "another";
  Policy gone = policy;
  Shop(gone).changes.clear();
  Policy role = policy;
  Shop(role).roles.at(Role("writer")).fingerprint = "another";
  Policy person = policy;
  person.people.people.at(Person("engineer")).groups = {Group("oncall")};
  for (const Policy& today : {rule, gone, role, person}) {
    EXPECT_THAT(ChangeStillStands(today, bid, terms), RefusedWith(Reason::kPolicyChanged));
  }
}

TEST(MaySeeChange, ItsAuthorWhoCouldSitOperatorsAndAuditors) {
  const Policy policy = ShopPolicyWithChanges();
  const ChangeTerms terms = JudgeChange(policy, BidFor("engineer", "writer")).value();
  const auto sees = [&](const char* person) {
    return MaySeeChange(policy, Person(person), Person("engineer"), terms);
  };
  const auto may_deny = [&](const char* person) {
    return MayDenyChange(policy, Person(person), Person("engineer"), terms);
  };
  for (const char* person : {"reviewer", "second_reviewer", "operator"}) {
    EXPECT_TRUE(sees(person)) << person;
    EXPECT_TRUE(may_deny(person)) << person;
  }
  for (const char* person : {"engineer", "auditor"}) {
    EXPECT_TRUE(sees(person)) << person;
    EXPECT_FALSE(may_deny(person)) << person;
  }
  for (const char* person : {"peer", "oncall", "manager", "drifter", "stranger"}) {
    EXPECT_FALSE(sees(person)) << person;
    EXPECT_FALSE(may_deny(person)) << person;
  }
}

TEST(Writes, WhoeverDefinesWritesToo) {
  EXPECT_FALSE(Writes(Access::kReads));
  EXPECT_TRUE(Writes(Access::kWrites));
  EXPECT_TRUE(Writes(Access::kDefines));
}

TEST(TermsOfRun, AreTheRolesGroupsAndTheRunsTimeWithoutASeat) {
  const Policy policy = ShopPolicyWithChanges();
  const ChangeTerms change = JudgeChange(policy, BidFor("engineer", "writer")).value();
  const Terms run = TermsOfRun(change);
  EXPECT_EQ(run.rule, change.rule);
  EXPECT_EQ(run.rule_fingerprint, change.rule_fingerprint);
  EXPECT_EQ(run.role_fingerprint, change.role_fingerprint);
  EXPECT_EQ(run.access, change.access);
  EXPECT_EQ(run.member_of, change.member_of);
  EXPECT_EQ(run.ttl, change.run_max);
  EXPECT_EQ(run.statement_timeout, change.statement_timeout);
  EXPECT_EQ(run.lock_timeout, change.lock_timeout);
  EXPECT_EQ(run.guard, std::nullopt);
  EXPECT_THAT(run.seats, IsEmpty());
  EXPECT_EQ(run.reviewer, std::nullopt);
}

}  // namespace
}  // namespace jit::policy
