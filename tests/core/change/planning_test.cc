#include <gtest/gtest.h>

#include <string>

#include "broker/core/change/lifecycle.h"
#include "broker/core/free_text.h"
#include "tests/core/change/spoken.h"
#include "tests/testing/change_stories.h"
#include "tests/testing/status_matchers.h"

namespace jit::change {
namespace {

using core::Reason;
using policy::Purpose;
using testing::ChangeStory;
using testing::ChangeStoryIn;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::LeaseIdNumbered;
using testing::Person;
using testing::PlanAbout;
using testing::PlanBy;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::RehearsedAs;
using testing::ReportOfOneOrder;
using testing::ScriptIn;
using ::testing::SizeIs;

TEST(Planning, KeepsWhatItsAuthorSaidAndWhatPolicyDecided) {
  ChangeStory story;
  story.now += absl::Nanoseconds(1234);
  const MakePlan plan = PlanBy("engineer", Purpose::kScript);
  story.Then(plan);
  EXPECT_EQ(story.change.id, plan.id);
  EXPECT_EQ(story.change.plan, plan.plan);
  EXPECT_EQ(story.change.terms->rule.text(), "fix");
  EXPECT_EQ(story.change.plan_time, story.now - absl::Nanoseconds(234));
  EXPECT_EQ(EffectOf(story.change), Effect::kRehearse);
}

TEST(Planning, AScriptIsNeededAndHasToBeOneThatCanBeKept) {
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  for (const std::string& script : std::vector<std::string>{"", "\xFF", std::string("a\0b", 3)}) {
    plan.plan.script = script;
    EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kMalformedScript));
  }
  plan.plan.script = std::string(kScriptBytesMax, 'x');
  EXPECT_THAT(ChangeStory().Try(plan), IsOk());
  plan.plan.script += 'x';
  EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kScriptTooLarge));
}

TEST(Planning, AnUndoAndADropComeWithoutAScript) {
  for (const Purpose purpose : {Purpose::kUndo, Purpose::kDropForGood}) {
    MakePlan plan = PlanAbout("engineer", purpose);
    plan.plan.script = "select 1";
    EXPECT_THAT(ChangeStory().After(absl::Hours(24 * 8)).Try(plan),
                RefusedWith(Reason::kMalformedScript));
  }
}

TEST(Planning, AReasonIsNeeded) {
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  plan.plan.reason = "";
  EXPECT_FALSE(ChangeStory().Try(plan).ok());
}

TEST(Planning, NothingIsExpectedWhereNothingIsCounted) {
  for (const Purpose purpose : {Purpose::kUnrehearsed, Purpose::kDropForGood}) {
    MakePlan plan = PlanAbout("engineer", purpose);
    plan.plan.written = {ParseExpectation("orders=1").value()};
    EXPECT_THAT(ChangeStory().After(absl::Hours(24 * 8)).Try(plan),
                RefusedWith(Reason::kMalformedExpectation));
  }
  MakePlan many = PlanBy("engineer", Purpose::kScript);
  many.plan.written.assign(kExpectationsMax + 1, ParseExpectation("orders=1").value());
  EXPECT_THAT(ChangeStory().Try(many), RefusedWith(Reason::kMalformedExpectation));
}

TEST(Planning, AScriptWorksOnNothingElse) {
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  plan.plan.subject.lease = LeaseIdNumbered(7);
  EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kUnknownChange));
}

TEST(Planning, AnUndoIsOfOneChangeOrOfOneLease) {
  MakePlan plan = PlanAbout("engineer", Purpose::kUndo);
  plan.plan.subject.lease = LeaseIdNumbered(7);
  EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kUnknownChange));
  plan.plan.subject.change.reset();
  plan.subject.reset();
  EXPECT_THAT(ChangeStory().Try(plan), IsOk());
  plan.plan.subject.lease.reset();
  EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kUnknownChange));
}

TEST(Planning, AnUndoOfAChangeThatWasNotAppliedIsRefused) {
  for (const State state :
       {State::kApproved, State::kRolledBack, State::kUndone, State::kDropped}) {
    MakePlan plan = PlanAbout("engineer", Purpose::kUndo);
    plan.subject = ScriptIn(state).change;
    EXPECT_THAT(ChangeStory().Try(plan),
                RefusedSaying(Reason::kNothingToUndo, HasSubstr(StateWord(state))));
  }
}

TEST(Planning, WhatKeptNothingCannotBeUndone) {
  for (const Purpose purpose : {Purpose::kUnrehearsed, Purpose::kDropForGood}) {
    MakePlan plan = PlanAbout("engineer", Purpose::kUndo);
    plan.subject = ChangeStoryIn(State::kApplied, purpose)->change;
    plan.plan.subject.change = plan.subject->id;
    EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kNothingToUndo));
  }
}

TEST(Planning, AnUndoCanBeUndone) {
  MakePlan plan = PlanAbout("engineer", Purpose::kUndo);
  plan.subject = ChangeStoryIn(State::kApplied, Purpose::kUndo)->change;
  plan.plan.subject.change = plan.subject->id;
  plan.id = testing::ChangeIdNumbered(3);
  EXPECT_THAT(ChangeStory().Try(plan), IsOk());
}

TEST(Planning, AboutAChangeOfAnotherRoleOrTargetOrOneThatIsNotThereIsUnknown) {
  const MakePlan good = PlanAbout("engineer", Purpose::kUndo);
  MakePlan nothing = good;
  nothing.subject.reset();
  MakePlan another = good;
  another.subject->id = testing::ChangeIdNumbered(8);
  MakePlan role = good;
  role.subject->plan->role = testing::Role("ddl");
  MakePlan target = good;
  target.subject->plan->target = testing::Target("warehouse");
  for (const MakePlan& plan : {nothing, another, role, target}) {
    EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kUnknownChange));
  }
}

TEST(Planning, WhatWasKeptIsDestroyedOnlyAfterTheWaitingPeriod) {
  const MakePlan plan = PlanAbout("engineer", Purpose::kDropForGood);
  ChangeStory story;
  story.now = testing::AppliedScript().execution->end_time + absl::Hours(24 * 7);
  EXPECT_THAT(story.Try(plan), IsOk());
  story.now -= absl::Seconds(1);
  EXPECT_THAT(story.Try(plan), RefusedWith(Reason::kWaitingPeriod));
}

TEST(Planning, WithAnUnreviewedBreakGlassIsRefused) {
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  plan.debt = LeaseIdNumbered(9);
  EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kReviewDebt));
}

TEST(Planning, AnAuthorHasOnlySoManyChangesWaitingForReviews) {
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  plan.waiting_now = 19;
  EXPECT_THAT(ChangeStory().Try(plan), IsOk());
  plan.waiting_now = 20;
  EXPECT_THAT(ChangeStory().Try(plan), RefusedWith(Reason::kTooManyWaiting));
  MakePlan undo = PlanAbout("engineer", Purpose::kUndo);
  undo.waiting_now = 20;
  EXPECT_THAT(ChangeStory().Try(undo), IsOk()) << "nobody has to review it";
}

TEST(Planning, BySomebodyWhomNoRuleNamesIsRefused) {
  EXPECT_THAT(ChangeStory().Try(PlanBy("oncall", Purpose::kScript)),
              RefusedWith(Reason::kNoRuleAllows));
}

TEST(Rehearsing, WhatWasCountedIsWhatAnExecutionHasToMeet) {
  ChangeStory story;
  testing::Shop(story.policy).changes[0].tolerance_percent = 50;
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  plan.plan.written = {ParseExpectation("orders.updated=1").value()};
  Report report = ReportOfOneOrder();
  report.tables.push_back(testing::TableTouched("items", {.deleted = 4}));
  story.Then(plan).Then(RehearsedAs(report));
  EXPECT_THAT(story.change.rehearsal->expected,
              ElementsAre(ParseExpectation("orders.updated=1").value(),
                          ParseExpectation("shop.items.deleted=2..6").value()));
  EXPECT_THAT(story.change.rehearsal->misses, IsEmpty());
  EXPECT_EQ(story.change.rehearsal->schema_fingerprint, testing::kSchemaFingerprint);
}

TEST(Rehearsing, WithAnotherCountThanWasWrittenTheChangeIsKeptAndCannotBeSubmitted) {
  ChangeStory story;
  MakePlan plan = PlanBy("engineer", Purpose::kScript);
  plan.plan.written = {ParseExpectation("orders=2").value()};
  story.Then(plan).Then(RehearsedAs(ReportOfOneOrder()));
  EXPECT_EQ(story.change.state, State::kRehearsed);
  EXPECT_THAT(story.change.rehearsal->misses, ElementsAre(Miss{"orders", "2", 1}));
  EXPECT_THAT(story.Try(Submit{Person("engineer")}), RefusedWith(Reason::kExpectationMissed));
}

TEST(Rehearsing, AnUndoThatWouldTakeNothingBackForItsConflictsCannotBeSubmitted) {
  Report report = ReportOfOneOrder();
  report.conflicts.push_back({"shop.orders", "id=1", "it was changed since"});
  for (const OnConflict on_conflict :
       {OnConflict::kRefuse, OnConflict::kSkip, OnConflict::kOverwrite}) {
    ChangeStory story;
    MakePlan plan = PlanAbout("engineer", Purpose::kUndo);
    plan.plan.subject.on_conflict = on_conflict;
    story.Then(plan).Then(RehearsedAs(report));
    const auto submitted = story.Try(Submit{Person("engineer")});
    if (on_conflict == OnConflict::kRefuse) {
      EXPECT_THAT(submitted, RefusedWith(Reason::kUndoConflicts));
    } else {
      EXPECT_TRUE(submitted.ok()) << submitted.status();
    }
  }
}

TEST(Rehearsing, WhatIsNeverTriedHasNothingToExpect) {
  const ChangeStory story = *ChangeStoryIn(State::kRehearsed, Purpose::kUnrehearsed);
  EXPECT_THAT(story.change.rehearsal->expected, IsEmpty());
  EXPECT_THAT(story.change.rehearsal->misses, IsEmpty());
}

TEST(Rehearsing, AScriptThatSaysWhatIsRefusedFailsWithItsFindings) {
  ChangeStory story = ScriptIn(State::kPlanned);
  Report report = ReportOfWhatIsRefused();
  report.statements.at(0).findings.push_back(Finding{"slow", Severity::kDanger, 1, "slow"});
  story.Then(RehearsedAs(report));
  EXPECT_EQ(story.change.state, State::kFailed);
  EXPECT_THAT(story.change.why, HasSubstr("line 1: it runs a program"));
  EXPECT_THAT(story.change.findings, SizeIs(1));
}

TEST(Rehearsing, WhatTheTargetSaysIsKeptAsTextInWholeMicroseconds) {
  ChangeStory story = ScriptIn(State::kPlanned);
  Report report = ReportOfOneOrder();
  report.elapsed = absl::Nanoseconds(1'234'567);
  report.statements.at(0).elapsed = -absl::Seconds(1);
  report.locks = {LockTaken{"shop.orders", "RowExclusiveLock", absl::InfiniteDuration()}};
  report.samples = {Sample{"shop", "orders", Sample::Verb::kUpdated, {{"note", "\xFF", "new"}}}};
  story.Then(RehearsedAs(report));
  const Report& kept = story.change.rehearsal->report;
  EXPECT_EQ(kept.elapsed, absl::Microseconds(1234));
  EXPECT_EQ(kept.statements.at(0).elapsed, absl::ZeroDuration());
  EXPECT_EQ(kept.locks.at(0).held, absl::Hours(24));
  EXPECT_TRUE(core::IsUtf8(*kept.samples.at(0).cells.at(0).before));
}

TEST(Rehearsing, ReportedTwiceIsNothingTheSecondTime) {
  EXPECT_THAT(*ScriptIn(State::kRehearsed).Try(RehearsedAs(ReportOfOneOrder())), IsEmpty());
}

}  // namespace
}  // namespace jit::change
