#include "broker/use_cases/sweep.h"

#include "broker/use_cases/end.h"
#include "broker/use_cases/shell.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/stage.h"

namespace jit::use_cases {
namespace {

using lease::State;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

core::LeaseId OpenReader(Stage& stage) {
  const auto seen = AskForLease(stage.ports, stage.OrderToOpen("alice", "reader"));
  EXPECT_EQ(seen->lease.state, State::kOpen);
  return *seen->lease.id;
}

TEST(Sweep, AtItsDeadlineALoginGoesWithItsSessions) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  const core::LoginName login = core::LoginName::Of(id);
  ASSERT_TRUE(stage.prod.OpenSession(login).ok());
  stage.clock.Advance(absl::Minutes(29));
  stage.Sweep();
  EXPECT_TRUE(stage.prod.CanLogIn(login));
  stage.clock.Advance(absl::Minutes(1));
  const SweepReport report = stage.Sweep();
  EXPECT_EQ(report.expired, 1);
  EXPECT_EQ(stage.prod.SessionsOf(login), 0);
  EXPECT_FALSE(stage.prod.Exists(login));
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Sweep, ComesAgainAtTheNextDeadlineAtTheLatest) {
  Stage stage;
  OpenReader(stage);
  stage.clock.Advance(absl::Minutes(30) - absl::Milliseconds(300));
  EXPECT_LE(stage.Sweep().next, stage.clock.Now().wall + absl::Milliseconds(300));
}

TEST(Sweep, AWallClockSetBackExtendsNothing) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  stage.clock.SetWallBy(absl::Hours(-1));
  stage.clock.Advance(absl::Minutes(30));
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Sweep, AWallClockSetForwardEndsLeasesEarly) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  stage.clock.SetWallBy(absl::Hours(1));
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Sweep, WithTheJournalReadOnlyWhatIsDueIsTakenAwayAllTheSame) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  stage.clock.Advance(absl::Minutes(31));
  stage.journal.SetHealth(testing::StoreHealth::kReadOnly);
  const SweepReport report = stage.Sweep();
  EXPECT_FALSE(stage.prod.CanLogIn(core::LoginName::Of(id)));
  EXPECT_THAT(report.alarms, ::testing::Contains(HasSubstr("could not be recorded")));
  stage.journal.SetHealth(testing::StoreHealth::kGood);
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Sweep, WithTheJournalGoneALoginPastItsDeadlineIsStillTakenAway) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  stage.clock.Advance(absl::Minutes(31));
  stage.journal.SetHealth(testing::StoreHealth::kDown);
  stage.Sweep(Depth::kFull);
  EXPECT_FALSE(stage.prod.Exists(core::LoginName::Of(id)));
}

TEST(Sweep, NeverGivesUpOnALoginThatResists) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  stage.prod.Resist(core::LoginName::Of(id), /*turn_offs=*/12, /*removals=*/5);
  ASSERT_TRUE(EndLease(stage.ports, Person("alice"), id).ok());
  std::vector<std::string> alarms;
  for (int n = 0; n < 60 && stage.StateOf(id) != State::kClosed; ++n) {
    const SweepReport report = stage.Sweep();
    alarms.insert(alarms.end(), report.alarms.begin(), report.alarms.end());
    stage.clock.Advance(absl::Seconds(31));
  }
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
  EXPECT_THAT(alarms, ::testing::Contains(HasSubstr("has not been taken away")));
}

TEST(Sweep, OneThatResistsDelaysNobodyElse) {
  Stage stage;
  const core::LeaseId stubborn = OpenReader(stage);
  const core::LeaseId meek = OpenReader(stage);
  stage.prod.Resist(core::LoginName::Of(stubborn), 1000, 0);
  ASSERT_TRUE(EndLease(stage.ports, Person("alice"), stubborn).ok());
  ASSERT_TRUE(EndLease(stage.ports, Person("alice"), meek).ok());
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(meek), State::kClosed);
  EXPECT_EQ(stage.StateOf(stubborn), State::kClosing);
}

TEST(Sweep, ALoginOutOfARestoredBackupIsTakenAway) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  const core::LoginName login = core::LoginName::Of(id);
  const ports::LoginOrder order = *stage.prod.OrderOf(login);
  ASSERT_TRUE(EndLease(stage.ports, Person("alice"), id).ok());
  stage.Sweep();
  ASSERT_FALSE(stage.prod.Exists(login));
  stage.prod.PutMarked(order);
  const SweepReport report = stage.Sweep(Depth::kFull);
  EXPECT_EQ(report.strays, 1);
  EXPECT_FALSE(stage.prod.Exists(login));
}

TEST(Sweep, ARoleWithoutOurMarkIsNeverTouched) {
  Stage stage;
  const core::LoginName name = *core::LoginName::Parse("jit_aaaaaaaaaaaaaaaaaaaaaaaaaa");
  stage.prod.PutUnmarked(name);
  const SweepReport report = stage.Sweep(Depth::kFull);
  EXPECT_TRUE(stage.prod.Exists(name));
  EXPECT_THAT(report.alarms, ::testing::Contains(HasSubstr("not our mark")));
}

TEST(Sweep, APasswordChangedBehindOurBackClosesTheLease) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  stage.prod.ChangeVerifier(core::LoginName::Of(id));
  stage.Sweep(Depth::kFull);
  EXPECT_EQ(stage.StateOf(id), State::kOpen) << "one look may be a change in flight";
  stage.Sweep(Depth::kFull);
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Sweep, TwoHundredDeadlinesInOneSecondAreAllKept) {
  Stage stage;
  std::vector<core::LeaseId> leases;
  for (int n = 0; n < 200; ++n) leases.push_back(OpenReader(stage));
  stage.clock.Advance(absl::Minutes(30));
  EXPECT_EQ(stage.Sweep().expired, 200);
  EXPECT_THAT(stage.prod.Inspect()->logins, IsEmpty());
}

// A target on which each removal takes ten seconds, however many logins it is of.
void RemoveSlowly(Stage& stage) {
  stage.prod.FailEach([&stage](testing::MemoryTarget::Verb verb) {
    if (verb == testing::MemoryTarget::Verb::kRemove) stage.clock.Advance(absl::Seconds(10));
    return testing::MemoryTarget::Trouble::kNone;
  });
}

absl::Time TimeOff(const Stage& stage, const core::LoginName& login) {
  for (const testing::MemoryTarget::Fact& fact : stage.prod.history()) {
    if (fact.login == login && fact.what == testing::MemoryTarget::What::kOff) return fact.time;
  }
  return absl::InfiniteFuture();
}

TEST(Sweep, ManyRemovalsKeepNoDeadlineWaiting) {
  Stage stage;
  std::vector<core::LeaseId> given_back;
  for (int n = 0; n < 200; ++n) given_back.push_back(OpenReader(stage));
  const core::LeaseId last = OpenReader(stage);
  stage.clock.Advance(absl::Minutes(30) - absl::Seconds(5));
  for (const core::LeaseId& id : given_back) {
    ASSERT_TRUE(EndLease(stage.ports, Person("alice"), id).ok());
  }
  RemoveSlowly(stage);
  const absl::Time deadline = stage.clock.Now().wall + absl::Seconds(5);
  EXPECT_EQ(stage.Sweep().removed, 200);
  EXPECT_GE(stage.clock.Now().wall, deadline + absl::Seconds(20)) << "nothing took its time";
  EXPECT_LE(TimeOff(stage, core::LoginName::Of(last)), deadline + absl::Seconds(10));
}

TEST(Sweep, ManyLoginsOutOfABackupKeepNoDeadlineWaiting) {
  Stage stage;
  const core::LeaseId id = OpenReader(stage);
  ports::LoginOrder order = *stage.prod.OrderOf(core::LoginName::Of(id));
  stage.clock.Advance(absl::Minutes(30) - absl::Seconds(5));
  for (int n = 0; n < 200; ++n) {
    order.login = core::LoginName::Of(NewId<core::LeaseId>(stage.ports));
    stage.prod.PutMarked(order);
  }
  RemoveSlowly(stage);
  const absl::Time deadline = stage.clock.Now().wall + absl::Seconds(5);
  EXPECT_EQ(stage.Sweep(Depth::kFull).strays, 200);
  EXPECT_GE(stage.clock.Now().wall, deadline + absl::Seconds(20)) << "nothing took its time";
  EXPECT_LE(TimeOff(stage, core::LoginName::Of(id)), deadline + absl::Seconds(10));
}

TEST(Lapse, WhatNobodyDecidedOrOpenedInTimeLapses) {
  Stage stage;
  const core::LeaseId waiting = *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  const core::LeaseId approved =
      *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  ASSERT_TRUE(stage.Review("rita", approved, records::Decision::kApprove).ok());
  stage.clock.Advance(absl::Hours(9));
  EXPECT_EQ(*LapseWaiting(stage.ports), 1);
  EXPECT_EQ(stage.StateOf(approved), State::kLapsed);
  stage.clock.Advance(absl::Hours(16));
  EXPECT_EQ(*LapseWaiting(stage.ports), 1);
  EXPECT_EQ(stage.StateOf(waiting), State::kLapsed);
}

}  // namespace
}  // namespace jit::use_cases
