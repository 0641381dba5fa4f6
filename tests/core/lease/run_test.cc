// The lease of a guarded change: a login that the broker makes for itself, for one run.
#include <gtest/gtest.h>

#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/change_rule.h"
#include "tests/testing/change_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using policy::Path;
using testing::IsOk;
using testing::LeaseIdNumbered;
using testing::Person;
using testing::RefusedWith;
using ::testing::SizeIs;
using testing::Story;

policy::ChangeTerms TermsOfAChange(const policy::Policy& policy) {
  return policy::JudgeChange(policy, policy::ChangeBid{Person("engineer"), testing::Target("shop"),
                                                       testing::Role("writer")})
      .value();
}

Ask AskForRun(const policy::Policy& policy) {
  Ask ask = testing::AskFor("engineer", "writer");
  ask.bid.path = Path::kChange;
  ask.run_terms = policy::TermsOfRun(TermsOfAChange(policy));
  return ask;
}

Open OpenByBroker() {
  Open open = testing::OpenBy("engineer");
  open.opener = Open::Opener::kBroker;
  return open;
}

Story RunIn(State state) {
  Story story;
  story.policy = testing::ShopPolicyWithChanges();
  story.Then(AskForRun(story.policy));
  if (state != State::kApproved) {
    story.Then(OpenByBroker());
  }
  if (state == State::kOpen) {
    story.Then(RecordOpened{});
  }
  return story;
}

TEST(TheLoginOfAChange, IsApprovedAsItIsAskedForUnderTheTermsOfTheChange) {
  const Story story = RunIn(State::kApproved);
  EXPECT_EQ(story.lease.state, State::kApproved);
  EXPECT_EQ(story.lease.path, Path::kChange);
  EXPECT_EQ(story.lease.terms->rule.text(), "fix");
  EXPECT_EQ(story.lease.terms->ttl, absl::Minutes(10));
  EXPECT_THAT(story.events, SizeIs(2));
}

TEST(TheLoginOfAChange, IsNobodysToAskFor) {
  Story story;
  story.policy = testing::ShopPolicyWithChanges();
  Ask ask = AskForRun(story.policy);
  ask.run_terms.reset();
  EXPECT_THAT(story.Do(ask), RefusedWith(Reason::kNoRuleAllows));
}

TEST(TheLoginOfAChange, IsNotHinderedByCapsOrDebtsWhichWereJudgedWithTheChange) {
  Story story;
  story.policy = testing::ShopPolicyWithChanges();
  Ask ask = AskForRun(story.policy);
  ask.waiting_now = 1000;
  ask.debt = LeaseIdNumbered(9);
  story.Then(ask);
  Open open = OpenByBroker();
  open.debt = LeaseIdNumbered(9);
  EXPECT_THAT(story.Do(open), IsOk());
}

TEST(TheLoginOfAChange, IsNeverOpenedByItsRequester) {
  for (const State state : {State::kApproved, State::kOpening, State::kOpen}) {
    EXPECT_THAT(RunIn(state).Try(testing::OpenBy("engineer")),
                RefusedWith(Reason::kMethodNotForCaller));
  }
}

TEST(TheLoginOfAChange, LivesAsLongAsARunMayTake) {
  Story story = RunIn(State::kOpening);
  EXPECT_EQ(story.lease.expire_time, story.now + absl::Minutes(10));
  story.Then(RecordOpened{}).After(absl::Minutes(10)).Then(Tick{});
  EXPECT_EQ(story.lease.state, State::kClosing);
}

TEST(TheLoginOfAChange, IsEndedInTheNameOfItsRequester) {
  Story story = RunIn(State::kOpen);
  story.Then(End{Person("engineer")});
  EXPECT_EQ(story.lease.state, State::kClosing);
  EXPECT_EQ(story.lease.close_cause, CloseCause::kEnded);
}

TEST(TheLoginOfAChange, CanBeRevokedByAnOperator) {
  Story story = RunIn(State::kOpen);
  story.Then(Revoke{Person("operator"), "wrong table"});
  EXPECT_EQ(story.lease.state, State::kClosing);
}

TEST(TheLoginOfAChange, UnderAnotherRuleIsNotOpenedAndNotSentToReview) {
  Story story = RunIn(State::kApproved);
  testing::Shop(story.policy).changes[0].fingerprint = "another";
  EXPECT_THAT(story.Do(OpenByBroker()), RefusedWith(Reason::kPolicyChanged));
  EXPECT_EQ(story.lease.state, State::kApproved);
}

TEST(TheLoginOfAChange, OfARoleThatIsNeverALeaseIsOpenedToo) {
  Story story;
  story.policy = testing::ShopPolicyWithChanges();
  testing::Shop(story.policy).roles.at(testing::Role("writer")).offered =
      policy::OfferedRole::Offered::kAsChangeOnly;
  EXPECT_THAT(Story(story).Try(testing::AskFor("engineer", "writer")),
              RefusedWith(Reason::kChangeOnly));
  story.Then(AskForRun(story.policy));
  EXPECT_THAT(story.Do(OpenByBroker()), IsOk());
}

TEST(TheLoginOfAChange, ALeaseOfAPersonIsOpenedByThemAlone) {
  Story story = testing::OrdinaryIn(State::kApproved);
  EXPECT_THAT(story.Do(testing::OpenBy("engineer")), IsOk());
}

}  // namespace
}  // namespace jit::lease
