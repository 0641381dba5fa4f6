#include "broker/core/refusal.h"
#include "broker/use_cases/look_up.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/stage.h"

namespace jit::use_cases {
namespace {

using core::Reason;
using lease::State;

TEST(Ask, ARoleWithoutSeatsOpensInTheSameBreath) {
  Stage stage;
  const auto seen = AskForLease(stage.ports, stage.OrderToOpen("alice", "reader"));
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->lease.state, State::kOpen);
  EXPECT_TRUE(stage.prod.CanLogIn(core::LoginName::Of(*seen->lease.id)));
}

TEST(Ask, ARoleWithSeatsWaitsAndHasNoLogin) {
  Stage stage;
  const auto seen = AskForLease(stage.ports, stage.OrderToOpen("alice", "writer"));
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->lease.state, State::kRequested);
  EXPECT_FALSE(stage.prod.Exists(core::LoginName::Of(*seen->lease.id)));
}

TEST(Ask, ARepeatWithTheSameIdGetsTheSameLease) {
  Stage stage;
  const AskOrder order = stage.Order("alice", "writer");
  const auto first = AskForLease(stage.ports, order);
  const auto second = AskForLease(stage.ports, order);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->lease.id, second->lease.id);
}

TEST(Ask, TheSameIdWithOtherContentIsRefused) {
  Stage stage;
  AskOrder order = stage.Order("alice", "writer");
  ASSERT_TRUE(AskForLease(stage.ports, order).ok());
  order.reason = "something else";
  EXPECT_EQ(core::ReasonOf(AskForLease(stage.ports, order).status()), Reason::kIdempotencyIdReused);
}

TEST(Ask, ARepeatAfterALostAnswerFindsTheLeaseThatWasFiled) {
  Stage stage;
  const AskOrder order = stage.Order("alice", "writer");
  stage.journal.FailCommit(1, testing::CommitTrouble::kFailsAfter);
  ASSERT_FALSE(AskForLease(stage.ports, order).ok());
  const auto again = AskForLease(stage.ports, order);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(stage.journal.Summaries({})->size(), 1U);
}

TEST(Ask, TheTwentyFirstWaitingLeaseIsRefused) {
  Stage stage;
  for (int n = 0; n < 20; ++n) {
    ASSERT_TRUE(AskForLease(stage.ports, stage.Order("alice", "writer")).ok());
  }
  EXPECT_EQ(core::ReasonOf(AskForLease(stage.ports, stage.Order("alice", "writer")).status()),
            Reason::kTooManyWaiting);
  EXPECT_TRUE(AskForLease(stage.ports, stage.OrderToOpen("alice", "reader")).ok());
}

TEST(Ask, WithTheJournalReadOnlyNothingOpens) {
  Stage stage;
  stage.journal.SetHealth(testing::StoreHealth::kReadOnly);
  EXPECT_FALSE(AskForLease(stage.ports, stage.OrderToOpen("alice", "reader")).ok());
  EXPECT_TRUE(stage.prod.Inspect()->logins.empty());
}

TEST(Ask, WithTheTargetDownAnOrdinaryLeaseIsFiledAndCanBeOpenedLater) {
  Stage stage;
  stage.prod.Set(testing::MemoryTarget::Reach::kDown);
  const auto seen = AskForLease(stage.ports, stage.OrderToOpen("alice", "reader"));
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->lease.state, State::kApproved);
  stage.prod.Set(testing::MemoryTarget::Reach::kUp);
  const auto open = OpenLease(stage.ports, Person("alice"), *seen->lease.id, stage.Verifier());
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->lease.state, State::kOpen);
}

TEST(BreakGlass, OpensAtOnceAndLeavesADebt) {
  Stage stage;
  const auto seen = AskForLease(stage.ports, stage.Emergency("alice"));
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->lease.state, State::kOpen);
  EXPECT_TRUE(seen->lease.debt_open);
  EXPECT_EQ(*DebtOf(stage.ports, Person("alice")), seen->lease.id);
}

TEST(BreakGlass, ASecondTimeIsRefusedUntilTheFirstIsReviewed) {
  Stage stage;
  const auto first = AskForLease(stage.ports, stage.Emergency("alice"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(core::ReasonOf(AskForLease(stage.ports, stage.Emergency("alice")).status()),
            Reason::kReviewDebt);
  const auto reviewed = stage.Review("manu", *first->lease.id, records::Decision::kAccept);
  ASSERT_TRUE(reviewed.ok()) << reviewed.status();
  EXPECT_TRUE(AskForLease(stage.ports, stage.Emergency("alice")).ok());
}

TEST(BreakGlass, OneWhoseLoginWasNeverMadeOwesItsReviewAndKeepsNobodyFromTryingAgain) {
  Stage stage;
  stage.prod.FailCall(2, testing::MemoryTarget::Trouble::kFailsBefore);  // 1 measures, 2 opens
  const auto first = AskForLease(stage.ports, stage.Emergency("alice"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->lease.state, State::kOpening);
  EXPECT_EQ(*DebtOf(stage.ports, Person("alice")), first->lease.id) << "nobody knows yet";
  stage.Sweep();
  stage.clock.Advance(absl::Seconds(25));
  stage.Sweep();
  ASSERT_NE(stage.StateOf(*first->lease.id), State::kOpening);
  EXPECT_EQ(UnreviewedFor(stage.ports, Person("manu"))->size(), 1U);
  EXPECT_FALSE(DebtOf(stage.ports, Person("alice"))->has_value());
  const auto second = AskForLease(stage.ports, stage.Emergency("alice"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*DebtOf(stage.ports, Person("alice")), second->lease.id);
}

TEST(BreakGlass, ADebtBlocksWritingLeasesAndNotReading) {
  Stage stage;
  ASSERT_TRUE(AskForLease(stage.ports, stage.Emergency("alice")).ok());
  EXPECT_EQ(core::ReasonOf(AskForLease(stage.ports, stage.Order("alice", "writer")).status()),
            Reason::kReviewDebt);
  EXPECT_TRUE(AskForLease(stage.ports, stage.OrderToOpen("alice", "reader")).ok());
}

TEST(BreakGlass, IsShownToEverybodyWhoDecidesOnTheTarget) {
  Stage stage;
  const auto first = AskForLease(stage.ports, stage.Emergency("alice"));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(UnreviewedFor(stage.ports, Person("manu"))->size(), 1U);
  EXPECT_EQ(UnreviewedFor(stage.ports, Person("rita"))->size(), 1U);
  EXPECT_TRUE(UnreviewedFor(stage.ports, Person("alice"))->empty());
  ASSERT_TRUE(stage.Review("manu", *first->lease.id, records::Decision::kObject).ok());
  EXPECT_TRUE(UnreviewedFor(stage.ports, Person("manu"))->empty());
}

TEST(BreakGlass, WithTheTargetDownNothingIsFiledAndNoDebtMade) {
  Stage stage;
  stage.prod.Set(testing::MemoryTarget::Reach::kDown);
  EXPECT_TRUE(absl::IsUnavailable(AskForLease(stage.ports, stage.Emergency("alice")).status()));
  EXPECT_FALSE(DebtOf(stage.ports, Person("alice"))->has_value());
}

TEST(Offers, EveryRuleThatCanDecideIsShownWithItsTimeAndSeats) {
  policy::Policy policy = testing::MakePolicy(0);
  policy::TargetPolicy& prod = policy.targets.at(Prod());
  policy::Rule longer = prod.rules[1];  // writers, one hour, a reviewer
  longer.ttl_max = absl::Hours(2);
  longer.seats.push_back({*core::SeatName::Parse("manager"), policy::ManagerOfRequester{}});
  prod.rules.push_back(longer);
  longer.ttl_max = absl::Minutes(30);  // never decides: the rules before it allow more
  prod.rules.push_back(longer);
  std::vector<std::pair<absl::Duration, std::size_t>> writer;
  for (const Offer& offer : OffersFor(policy, Person("rita"))) {
    if (offer.target == Prod() && offer.role.name == Role("writer")) {
      writer.emplace_back(offer.rule->ttl_max, offer.rule->seats.size());
    }
  }
  EXPECT_THAT(writer, ::testing::ElementsAre(std::pair(absl::Hours(1), std::size_t{1}),
                                             std::pair(absl::Hours(2), std::size_t{2})));
}

TEST(Offers, OfChangesAreTheRolesThatAChangeRuleNamesForThePerson) {
  const policy::Policy policy = testing::MakePolicy(0);
  std::vector<std::pair<std::string, std::string>> prod;
  for (const ChangeOffer& offer : ChangeOffersFor(policy, Person("alice"))) {
    if (offer.target == Prod()) prod.emplace_back(offer.role.name.text(), offer.rule.name.text());
  }
  EXPECT_THAT(prod,
              ::testing::ElementsAre(std::pair("owner", "define"), std::pair("writer", "fix")));
  EXPECT_TRUE(ChangeOffersFor(policy, Person("nobody")).empty());
}

}  // namespace
}  // namespace jit::use_cases
