#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core/lease/lifecycle.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using testing::AskFor;
using testing::BreakGlassFor;
using ::testing::ElementsAre;
using testing::Group;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::LeaseIdNumbered;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::Story;

TEST(Asking, ForARoleWithoutSeatsIsApprovedAtOnce) {
  Story story;
  story.Then(AskFor("engineer", "reader"));
  EXPECT_EQ(story.lease.state, State::kApproved);
  EXPECT_EQ(story.lease.approve_time, story.now);
}

TEST(Asking, ForARoleWithASeatWaits) {
  Story story;
  story.Then(AskFor("engineer", "writer"));
  EXPECT_EQ(story.lease.state, State::kRequested);
  EXPECT_EQ(story.lease.request_time, story.now);
}

TEST(Asking, WithoutAReasonIsRefused) {
  Ask ask = AskFor("engineer", "reader");
  ask.reason = "";
  EXPECT_THAT(Story().Do(ask), RefusedWith(Reason::kReasonEmpty));
}

TEST(Asking, WithTenMegabytesOfReasonIsRefused) {
  Ask ask = AskFor("engineer", "reader");
  ask.reason = std::string(10'000'000, 'x');
  EXPECT_THAT(Story().Do(ask), RefusedWith(Reason::kReasonTooLong));
}

TEST(Asking, WithAReasonThatIsNotUtf8IsRefused) {
  Ask ask = AskFor("engineer", "reader");
  ask.reason = "caf\xE9";
  EXPECT_THAT(Story().Do(ask), RefusedWith(Reason::kReasonNotUtf8));
}

TEST(Asking, EscapeCodesInAReasonAreKeptForWhoeverShowsThem) {
  Ask ask = AskFor("engineer", "reader");
  ask.reason = "look \x1b[2J here";
  Story story;
  story.Then(ask);
  EXPECT_EQ(story.lease.reason, "look \x1b[2J here");
}

TEST(Asking, WithAnIncidentTooLongToBeOneIsRefused) {
  Ask ask = BreakGlassFor("oncall", "writer");
  ask.incident = std::string(129, 'x');
  EXPECT_THAT(Story().Do(ask), RefusedSaying(Reason::kReasonTooLong, HasSubstr("the incident")));
}

// A story where the writer of the shop is guarded.
Story Guarded() {
  Story story;
  story.policy.targets.at(testing::Target("shop")).roles.at(testing::Role("writer")).guard =
      policy::GuardTerms();
  return story;
}

TEST(Asking, TablesWithoutAKeyAreKeptInOrderEachOnceAndAcceptedWithTheLease) {
  Story story = Guarded();
  Ask ask = AskFor("engineer", "writer");
  ask.keyless = {"shop.imports", "shop.audit_log", "shop.imports"};
  story.Then(ask);
  EXPECT_THAT(story.lease.keyless, ElementsAre("shop.audit_log", "shop.imports"));
  EXPECT_EQ(AcceptedKeyless(story.lease), story.lease.keyless);
}

TEST(Asking, TablesWithoutAKeyAreNamedAsSchemaAndTableAtMostTwenty) {
  const Story story = Guarded();
  Ask ask = AskFor("engineer", "writer");
  for (const std::string name : {"", "orders", ".orders", "shop.", "shop.a\nb", "shop.\xff"}) {
    ask.keyless = {"shop.audit_log", name};
    EXPECT_THAT(story.Try(ask), RefusedWith(Reason::kMalformedName)) << name;
  }
  ask.keyless = {"shop." + std::string(123, 'x')};
  EXPECT_THAT(story.Try(ask), RefusedWith(Reason::kMalformedName));
  ask.keyless = std::vector<std::string>(20, "shop.audit_log");
  EXPECT_THAT(story.Try(ask), IsOk());
  ask.keyless.push_back("shop.audit_log");
  EXPECT_THAT(story.Try(ask), RefusedSaying(Reason::kMalformedName, HasSubstr("at most 20")));
}

TEST(Asking, TablesWithoutAKeyAreRefusedWhereNobodyCouldAcceptThem) {
  Story story;
  Ask ask = AskFor("engineer", "writer");
  ask.keyless = {"shop.audit_log"};
  EXPECT_THAT(story.Try(ask), RefusedSaying(Reason::kNoRuleAllows, HasSubstr("under a guard")));
  Ask reader = AskFor("engineer", "reader");
  reader.keyless = ask.keyless;
  EXPECT_THAT(story.Try(reader), RefusedWith(Reason::kNoRuleAllows));

  story = Guarded();
  policy::TargetPolicy& shop = story.policy.targets.at(testing::Target("shop"));
  auto& keyless = shop.roles.at(testing::Role("writer")).guard->keyless;
  keyless = policy::GuardTerms::Keyless::kRefused;
  EXPECT_THAT(story.Try(ask), RefusedSaying(Reason::kNoRuleAllows, HasSubstr("named or not")));
  keyless = policy::GuardTerms::Keyless::kByName;
  for (policy::Rule& rule : shop.rules) rule.seats.clear();
  EXPECT_THAT(story.Try(ask), RefusedSaying(Reason::kNoRuleAllows, HasSubstr("asks nobody")));
}

TEST(Asking, ABreakGlassNamesTablesWithoutAKeyForWhoeverReviewsIt) {
  Story story = Guarded();
  Ask ask = BreakGlassFor("oncall", "writer");
  ask.keyless = {"shop.audit_log"};
  story.Then(ask);
  EXPECT_THAT(AcceptedKeyless(story.lease), ElementsAre("shop.audit_log"));
}

TEST(Asking, ABreakGlassWaitsForNoPrimaryKeyUnlessPolicySaysNever) {
  using Keyless = policy::GuardTerms::Keyless;
  Story story = Guarded();
  story.Then(BreakGlassFor("oncall", "writer"));
  EXPECT_EQ(GuardOf(story.lease)->keyless, Keyless::kAllowed);
  story.lease.terms->guard->keyless = Keyless::kRefused;
  EXPECT_EQ(GuardOf(story.lease)->keyless, Keyless::kRefused);
  Story ordinary = Guarded();
  ordinary.Then(AskFor("engineer", "writer"));
  EXPECT_EQ(GuardOf(ordinary.lease)->keyless, Keyless::kByName);
  ordinary.lease.terms->guard.reset();
  EXPECT_FALSE(GuardOf(ordinary.lease).has_value());
}

TEST(Asking, WhatNobodyIsAskedAboutIsNotAccepted) {
  Story story = Guarded();
  Ask ask = AskFor("engineer", "writer");
  ask.keyless = {"shop.audit_log"};
  story.Then(ask);
  // As when the lease was sent back under a rule that has no seats any more.
  story.lease.terms->seats.clear();
  EXPECT_TRUE(AcceptedKeyless(story.lease).empty());
}

TEST(Asking, BeyondTheCapOfWaitingLeasesIsRefusedOnlyForWhatWouldWait) {
  Story story;
  Ask writer = AskFor("engineer", "writer");
  writer.waiting_now = 20;
  EXPECT_THAT(story.Try(writer), RefusedWith(Reason::kTooManyWaiting));
  writer.waiting_now = 19;
  EXPECT_THAT(story.Try(writer), IsOk());
  Ask reader = AskFor("engineer", "reader");
  reader.waiting_now = 20;
  EXPECT_THAT(story.Try(reader), IsOk());
}

TEST(Asking, WithAnUnreviewedBreakGlassIsForReadersOnly) {
  Story story;
  story.policy.people.people.at(Person("oncall")).groups.insert(Group("engineers"));
  Ask emergency = BreakGlassFor("oncall", "writer");
  Ask writer = AskFor("oncall", "writer");
  Ask reader = AskFor("oncall", "reader");
  emergency.debt = writer.debt = reader.debt = LeaseIdNumbered(9);
  EXPECT_THAT(story.Try(emergency),
              RefusedSaying(Reason::kReviewDebt, HasSubstr(LeaseIdNumbered(9).text())));
  EXPECT_THAT(story.Try(writer), RefusedWith(Reason::kReviewDebt));
  EXPECT_THAT(story.Try(reader), IsOk());
}

TEST(Asking, WhatNobodyCouldEverApproveIsRefusedAndTheSeatIsNamed) {
  Story story;
  story.policy.people.people.erase(Person("manager"));
  EXPECT_THAT(story.Do(AskFor("engineer", "ddl")),
              RefusedSaying(Reason::kNobodyCanApprove, HasSubstr("seat boss")));
}

TEST(Asking, OfSeveralRefusalsTheFirstInTheListIsGiven) {
  Story story;
  story.policy.people.people.erase(Person("manager"));
  Ask ask = AskFor("engineer", "ddl");
  ask.reason = "";
  ask.debt = LeaseIdNumbered(9);
  ask.waiting_now = 20;
  EXPECT_THAT(story.Try(ask), RefusedWith(Reason::kReasonEmpty));
  ask.reason = "schema";
  EXPECT_THAT(story.Try(ask), RefusedWith(Reason::kReviewDebt));
  ask.debt = std::nullopt;
  EXPECT_THAT(story.Try(ask), RefusedWith(Reason::kTooManyWaiting));
  ask.waiting_now = 0;
  EXPECT_THAT(story.Try(ask), RefusedWith(Reason::kNobodyCanApprove));
}

TEST(Asking, WhatTheJudgeRefusesIsRefused) {
  Story story;
  EXPECT_THAT(story.Do(AskFor("stranger", "reader")), RefusedWith(Reason::kUnknownPerson));
  EXPECT_THAT(story.Do(AskFor("drifter", "reader")), RefusedWith(Reason::kPersonInNoGroup));
  EXPECT_THAT(story.Do(AskFor("oncall", "ddl")), RefusedWith(Reason::kNoRuleAllows));
  EXPECT_THAT(story.Do(BreakGlassFor("engineer", "writer")),
              RefusedWith(Reason::kBreakGlassNotAllowed));
}

}  // namespace
}  // namespace jit::lease
