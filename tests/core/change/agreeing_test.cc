#include <gtest/gtest.h>

#include "broker/core/change/lifecycle.h"
#include "tests/testing/change_stories.h"
#include "tests/testing/status_matchers.h"

namespace jit::change {
namespace {

using core::Reason;
using lease::Verdict;
using policy::Purpose;
using testing::ChangeReviewBy;
using testing::ChangeStory;
using testing::ChangeStoryIn;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Person;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::ScriptIn;
using ::testing::SizeIs;

Command Yes(absl::string_view person) {
  return ChangeReviewBy(person, Verdict::kYes);
}
Command No(absl::string_view person) {
  return ChangeReviewBy(person, Verdict::kNo);
}

TEST(Submitting, IsTheAuthorsAlone) {
  const ChangeStory story = ScriptIn(State::kRehearsed);
  EXPECT_THAT(story.Try(Submit{Person("peer")}), RefusedWith(Reason::kNotHolder));
  EXPECT_THAT(story.Try(Submit{Person("operator")}), RefusedWith(Reason::kNotHolder));
}

TEST(Submitting, WhatDemandsNobodyIsApprovedAtOnce) {
  ChangeStory story = *ChangeStoryIn(State::kRehearsed, Purpose::kUndo);
  story.Then(Submit{Person("engineer")});
  EXPECT_EQ(story.change.state, State::kApproved);
}

TEST(Submitting, AfterTheWindowIsTooLateEvenBeforeTheTick) {
  ChangeStory story = ScriptIn(State::kRehearsed);
  story.After(absl::Hours(24));
  EXPECT_THAT(story.Do(Submit{Person("engineer")}), RefusedWith(Reason::kAlreadyEnded));
}

TEST(ReviewingAChange, OnesOwnIsRefused) {
  const ChangeStory story = ScriptIn(State::kSubmitted);
  EXPECT_THAT(story.Try(Yes("engineer")), RefusedWith(Reason::kOwnLease));
  EXPECT_THAT(story.Try(No("engineer")), RefusedWith(Reason::kOwnLease));
}

TEST(ReviewingAChange, WithoutASeatIsRefused) {
  const ChangeStory story = ScriptIn(State::kSubmitted);
  for (const char* person : {"peer", "operator", "auditor", "manager", "drifter"}) {
    EXPECT_THAT(story.Try(Yes(person)), RefusedWith(Reason::kNoSeatForYou)) << person;
    EXPECT_THAT(story.Try(No(person)), RefusedWith(Reason::kNoSeatForYou)) << person;
  }
}

TEST(ReviewingAChange, EverySeatIsFilledByAnotherPerson) {
  ChangeStory story = *ChangeStoryIn(State::kSubmitted, Purpose::kUnrehearsed);
  story.Then(Yes("reviewer"));
  EXPECT_EQ(story.change.state, State::kSubmitted);
  EXPECT_THAT(story.change.seats, SizeIs(1));
  EXPECT_THAT(story.Try(Yes("reviewer")), RefusedWith(Reason::kAlreadyReviewed));
  EXPECT_THAT(story.Try(Yes("second_reviewer")), RefusedWith(Reason::kNoSeatForYou));
  story.Then(Yes("manager"));
  EXPECT_EQ(story.change.state, State::kApproved);
  EXPECT_THAT(story.change.seats, SizeIs(2));
}

TEST(ReviewingAChange, OfSomethingElseThanWhatStandsThereIsRefused) {
  const Review review{testing::ReviewBy("reviewer", Verdict::kYes), "another digest"};
  EXPECT_THAT(ScriptIn(State::kSubmitted).Try(review), RefusedWith(Reason::kDigestMismatch));
}

TEST(ReviewingAChange, ANoNeedsWordsAndDeniesBeforeAndAfterTheApproval) {
  Review wordless{testing::ReviewBy("reviewer", Verdict::kNo), testing::kDigest};
  wordless.review.note = "";
  EXPECT_FALSE(ScriptIn(State::kSubmitted).Try(wordless).ok());
  for (const State state : {State::kSubmitted, State::kApproved}) {
    ChangeStory story = ScriptIn(state);
    story.Then(No("second_reviewer"));
    EXPECT_EQ(story.change.state, State::kDenied);
    EXPECT_EQ(story.change.why, "looked at it");
  }
}

TEST(ReviewingAChange, TakesTheBrokersTimeNotTheReviewers) {
  ChangeStory story = ScriptIn(State::kSubmitted);
  story.After(absl::Minutes(5)).Then(Yes("reviewer"));
  EXPECT_EQ(story.change.reviews.at(0).time, story.now);
}

TEST(ReviewingAChange, AfterTheWindowIsTooLateEvenBeforeTheTick) {
  ChangeStory story = ScriptIn(State::kSubmitted);
  story.After(absl::Hours(24));
  EXPECT_THAT(story.Do(Yes("reviewer")), RefusedWith(Reason::kAlreadyEnded));
}

TEST(DenyingAChange, TakesAnApprovalBackByReviewersAndOperatorsOnly) {
  const ChangeStory story = ScriptIn(State::kApproved);
  EXPECT_THAT(story.Try(Deny{Person("engineer"), "no"}), RefusedWith(Reason::kOwnLease));
  EXPECT_THAT(story.Try(Deny{Person("peer"), "no"}), RefusedWith(Reason::kNoSeatForYou));
  EXPECT_THAT(story.Try(Deny{Person("auditor"), "no"}), RefusedWith(Reason::kNoSeatForYou));
  for (const char* person : {"reviewer", "second_reviewer", "operator"}) {
    ChangeStory denied = story;
    denied.Then(Deny{Person(person), "no"});
    EXPECT_EQ(denied.change.state, State::kDenied) << person;
    EXPECT_EQ(denied.change.why, "no");
  }
}

TEST(WithdrawingAChange, IsTheAuthorsAndEndsWhenItRuns) {
  EXPECT_THAT(ScriptIn(State::kSubmitted).Try(Withdraw{Person("reviewer")}),
              RefusedWith(Reason::kNotHolder));
  EXPECT_THAT(ScriptIn(State::kApplied).Try(Withdraw{Person("engineer")}),
              RefusedSaying(Reason::kWrongState, HasSubstr("change undo")));
}

TEST(LapsingOfAChange, HappensAtTheDeadlineAndNotBefore) {
  for (const auto& [state, window] : {std::pair{State::kRehearsed, absl::Hours(24)},
                                      std::pair{State::kSubmitted, absl::Hours(24)},
                                      std::pair{State::kApproved, absl::Hours(8)}}) {
    ChangeStory story = ScriptIn(state);
    EXPECT_EQ(NextDeadline(story.change), story.now + window);
    story.After(window - absl::Microseconds(1));
    EXPECT_THAT(*story.Try(Tick{}), IsEmpty());
    story.After(absl::Microseconds(1)).Then(Tick{});
    EXPECT_EQ(story.change.state, State::kLapsed);
    EXPECT_THAT(story.change.why, HasSubstr("within"));
    EXPECT_EQ(NextDeadline(story.change), std::nullopt);
  }
}

TEST(AChange, ThatNobodyPlannedIsUnknownToPeopleAndNothingToTheMachine) {
  EXPECT_THAT(ChangeStory().Try(Submit{Person("engineer")}), RefusedWith(Reason::kUnknownChange));
  EXPECT_THAT(ChangeStory().Try(testing::ApplyBy("engineer")), RefusedWith(Reason::kUnknownChange));
  EXPECT_THAT(*ChangeStory().Try(Tick{}), IsEmpty());
}

TEST(AChange, EveryStateAndPurposeHasAWordOfItsOwn) {
  for (int i = 0; i <= static_cast<int>(State::kDropped); ++i) {
    const State state = static_cast<State>(i);
    EXPECT_EQ(StateFromWord(StateWord(state)), state);
  }
  for (int i = 0; i <= static_cast<int>(Purpose::kDropForGood); ++i) {
    const Purpose purpose = static_cast<Purpose>(i);
    EXPECT_EQ(PurposeFromWord(PurposeWord(purpose)), purpose);
  }
  EXPECT_EQ(StateFromWord("done"), std::nullopt);
  EXPECT_EQ(PurposeFromWord("redo"), std::nullopt);
}

TEST(AChange, ThatHasEndedIsMovedByNothing) {
  for (int i = 0; i <= static_cast<int>(State::kDropped); ++i) {
    const State state = static_cast<State>(i);
    if (!IsFinal(state)) {
      continue;
    }
    ChangeStory story = ScriptIn(state);
    EXPECT_EQ(EffectOf(story.change), Effect::kNone);
    EXPECT_EQ(NextDeadline(story.change), std::nullopt);
    EXPECT_THAT(story.Do(testing::ApplyBy("engineer")),
                ::testing::AnyOf(RefusedWith(Reason::kAlreadyEnded),
                                 RefusedWith(Reason::kAlreadyExecuted)));
  }
}

TEST(AChange, EventsInAnyOrderAreFoldedWithoutFalling) {
  const Change change =
      Evolve(Evolve(Change(), Applied{std::nullopt, absl::UnixEpoch()}), SubjectMarked{});
  EXPECT_EQ(change.state, State::kApplied);
  EXPECT_EQ(EffectOf(change), Effect::kNone);
  EXPECT_EQ(NextDeadline(change), std::nullopt);
}

}  // namespace
}  // namespace jit::change
