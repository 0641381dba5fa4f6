// What a lease that acted as an owner leaves in the schema is accepted by somebody else, or the
// lease is not closed.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::lease {
namespace {

using core::Reason;
using policy::Path;
using testing::Acceptance;
using testing::IsOk;
using testing::OneTableMore;
using testing::Person;
using testing::RefusedWith;
using testing::ReviewBy;
using testing::Story;
using testing::StoryIn;
using testing::WaitingForAcceptance;

Story AsOwnerIn(State state) {
  return StoryIn(state, Path::kOrdinary, "schema").value();
}

TEST(Residue, TheTermsNameTheOwnerOfARoleThatDefines) {
  EXPECT_EQ(AsOwnerIn(State::kRequested).lease.terms->owner->text(), "shop_owner");
  EXPECT_EQ(testing::BreakGlassIn(State::kApproved).lease.terms->owner, std::nullopt);
}

TEST(Residue, KeepsALeaseOffAndOwesTheTargetNothing) {
  const Story story = WaitingForAcceptance();
  EXPECT_EQ(story.lease.state, State::kOff);
  EXPECT_TRUE(WaitsForAcceptance(story.lease));
  EXPECT_EQ(EffectOf(story.lease), Effect::kNone);
  EXPECT_EQ(NextDeadline(story.lease), std::nullopt);
  EXPECT_EQ(story.lease.residue, OneTableMore());
  EXPECT_EQ(story.lease.removed_time, story.now);
}

TEST(Residue, AnAcceptanceClosesTheLease) {
  Story story = WaitingForAcceptance();
  story.After(absl::Hours(3)).Then(Acceptance("reviewer"));
  EXPECT_EQ(story.lease.state, State::kClosed);
  EXPECT_EQ(story.lease.acceptance->by, Person("reviewer"));
  EXPECT_EQ(story.lease.acceptance->time, story.now);
}

TEST(Residue, ThatIsEmptyWaitsToBeAcceptedAsWell) {
  Story story = AsOwnerIn(State::kOff);
  story.Then(RecordRemoved{"role gone", Residue{}});
  EXPECT_TRUE(WaitsForAcceptance(story.lease));
}

TEST(Residue, ThatCouldNotBeFoundOutIsSaidAndNotPassedOver) {
  Story story = AsOwnerIn(State::kOff);
  story.Then(RecordRemoved{"role gone"});
  EXPECT_TRUE(WaitsForAcceptance(story.lease));
  EXPECT_EQ(story.lease.residue->lines.at(0).kind, "catalogs");
}

TEST(Residue, IsNotOwedByALeaseThatNeverOpened) {
  Story story = AsOwnerIn(State::kOpening);
  story.Then(RecordOpenFault{"no"}).Then(RecordOff{"none"}).Then(RecordRemoved{"none"});
  EXPECT_EQ(story.lease.state, State::kClosed);
  EXPECT_THAT(story.Do(Acceptance("reviewer")), RefusedWith(Reason::kNothingToReview));
}

TEST(Residue, IsNotOwedByALeaseThatActedAsItself) {
  Story story = testing::OrdinaryIn(State::kOff);
  story.Then(RecordRemoved{"role gone", OneTableMore()});
  EXPECT_EQ(story.lease.state, State::kClosed);
  EXPECT_EQ(story.lease.residue, std::nullopt);
}

TEST(Residue, IsAcceptedByNobodyForThemselves) {
  Story story = WaitingForAcceptance();
  story.policy.people.people.at(Person("engineer")).groups.insert(testing::Group("reviewers"));
  EXPECT_THAT(story.Do(Acceptance("engineer")), RefusedWith(Reason::kOwnLease));
}

TEST(Residue, IsAcceptedOnlyFromASeatOfTheLease) {
  for (const char* person : {"peer", "operator", "auditor", "manager"}) {
    EXPECT_THAT(WaitingForAcceptance().Do(Acceptance(person)), RefusedWith(Reason::kNoSeatForYou));
  }
  EXPECT_THAT(WaitingForAcceptance(Path::kBreakGlass).Do(Acceptance("manager")), IsOk());
  EXPECT_THAT(WaitingForAcceptance(Path::kBreakGlass).Do(Acceptance("reviewer")),
              RefusedWith(Reason::kNoSeatForYou));
}

TEST(Residue, MayBeAcceptedByWhoApprovedTheLease) {
  EXPECT_THAT(WaitingForAcceptance().Do(Acceptance("reviewer")), IsOk());
}

TEST(Residue, IsAcceptedOnceAndNotBeforeItIsThere) {
  for (const State state : {State::kRequested, State::kOpen, State::kClosing, State::kOff}) {
    EXPECT_THAT(AsOwnerIn(state).Do(Acceptance("reviewer")), RefusedWith(Reason::kWrongState));
  }
  EXPECT_THAT(AsOwnerIn(State::kClosed).Do(Acceptance("reviewer")),
              RefusedWith(Reason::kNothingToReview));
}

TEST(Residue, IsAcceptedAsItStandsThere) {
  AcceptResidue accept{ReviewBy("reviewer", Verdict::kYes), "another digest"};
  EXPECT_THAT(WaitingForAcceptance().Do(accept), RefusedWith(Reason::kDigestMismatch));
}

TEST(Residue, NeedsNoNote) {
  AcceptResidue accept{ReviewBy("reviewer", Verdict::kYes), testing::kDigest};
  accept.review.note = "";
  EXPECT_THAT(WaitingForAcceptance().Do(accept), IsOk());
}

TEST(Residue, IsCutToWhatARecordHolds) {
  Residue found{.more = 7};
  found.lines.resize(kResidueLinesMax + 2, {ResidueLine::What::kChanged, "function", "caf\xE9"});
  Story story = AsOwnerIn(State::kOff);
  story.Then(RecordRemoved{"role gone", found});
  EXPECT_EQ(story.lease.residue->lines.size(), std::size_t{kResidueLinesMax});
  EXPECT_EQ(story.lease.residue->more, 9);
  EXPECT_EQ(story.lease.residue->lines.at(0).object, "caf\xEF\xBF\xBD");
}

TEST(Residue, DoesNotKeepABreakGlassFromOwingItsReview) {
  Story story = WaitingForAcceptance(Path::kBreakGlass);
  EXPECT_TRUE(story.lease.debt_open);
  story.Then(Acceptance("manager")).Then(testing::Findings("manager", Verdict::kNo));
  EXPECT_EQ(story.lease.state, State::kClosed);
  EXPECT_FALSE(story.lease.debt_open);
}

}  // namespace
}  // namespace jit::lease
