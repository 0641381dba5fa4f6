#include "tests/contract/target_contract.h"

namespace jit::testing {
namespace {

using ports::OffState;
using ports::RemoveState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

lease::ResidueLine Added(const std::string& function) {
  return {lease::ResidueLine::What::kAdded, "function", "public." + function + "()"};
}

TEST_P(TargetContract, AnOpenedLoginLetsItsHolderIn) {
  const Opened opened = OpenOne();
  EXPECT_TRUE(world_->CanLogIn(opened.login, opened.credential));
  EXPECT_FALSE(world_->CanLogIn(opened.login, NewCredential()));
}

TEST_P(TargetContract, AnOpenedLoginIsSeenAsOrdered) {
  const Opened opened = OpenOne();
  const auto seen = See(opened.login);
  ASSERT_TRUE(seen.has_value());
  EXPECT_TRUE(seen->can_login);
  EXPECT_THAT(seen->member_of, ElementsAre("app_reader"));
  EXPECT_EQ(seen->verifier_digest, opened.credential.verifier.Digest());
  EXPECT_EQ(seen->sessions, 0);
  EXPECT_LE(seen->valid_until, world_->Now() + absl::Minutes(30));
  EXPECT_GE(seen->valid_until, world_->Now() + absl::Minutes(28));
}

TEST_P(TargetContract, TheEndIsNeverLaterThanOrdered) {
  const core::LoginName login = NewLogin();
  ports::LoginOrder order = Order(login);
  order.valid_until =
      absl::FromUnixMicros(absl::ToUnixMicros(order.valid_until)) + absl::Nanoseconds(999);
  ASSERT_THAT(target().OpenLogin(order, NewCredential().verifier), IsOk());
  EXPECT_EQ(See(login)->valid_until, order.valid_until - absl::Nanoseconds(999));
}

TEST_P(TargetContract, OpeningAgainGivesTheNewestVerifierAndNothingElse) {
  const core::LoginName login = NewLogin();
  const ports::LoginOrder order = Order(login);
  const Credential first = NewCredential();
  const Credential second = NewCredential();
  ASSERT_THAT(target().OpenLogin(order, first.verifier), IsOk());
  const auto before = See(login);
  ASSERT_THAT(target().OpenLogin(order, second.verifier), IsOk());
  const auto after = See(login);
  EXPECT_FALSE(world_->CanLogIn(login, first));
  EXPECT_TRUE(world_->CanLogIn(login, second));
  EXPECT_EQ(before->valid_until, after->valid_until);
  EXPECT_EQ(before->member_of, after->member_of);
}

TEST_P(TargetContract, OpeningAgainWithOtherAttributesChangesNothing) {
  const core::LoginName login = NewLogin();
  const ports::LoginOrder order = Order(login);
  const Credential first = NewCredential();
  ASSERT_THAT(target().OpenLogin(order, first.verifier), IsOk());
  ports::LoginOrder later = order;
  later.valid_until += absl::Minutes(1);
  ports::LoginOrder other_group = order;
  other_group.member_of = {*core::PgGroup::Parse("app_writer")};
  ports::LoginOrder more_connections = order;
  more_connections.connection_limit = 4;
  ports::LoginOrder other_person = order;
  other_person.person = *core::PersonId::Parse("peer");
  for (const ports::LoginOrder& changed : {later, other_group, more_connections, other_person}) {
    EXPECT_THAT(target().OpenLogin(changed, NewCredential().verifier),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_TRUE(world_->CanLogIn(login, first));
  EXPECT_EQ(See(login)->valid_until, absl::FromUnixMicros(absl::ToUnixMicros(order.valid_until)));
}

TEST_P(TargetContract, ALoginThatIsOffIsNotOpenedAgain) {
  const core::LoginName login = NewLogin();
  const ports::LoginOrder order = Order(login);
  const Credential credential = NewCredential();
  ASSERT_THAT(target().OpenLogin(order, credential.verifier), IsOk());
  ASSERT_EQ(TurnOffOne(login).state, OffState::kOff);
  EXPECT_THAT(target().OpenLogin(order, credential.verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(world_->CanLogIn(login, credential));
}

TEST_P(TargetContract, AGroupTheDbaDidNotAllowOpensNothing) {
  const core::LoginName login = NewLogin();
  ports::LoginOrder order = Order(login);
  order.member_of.push_back(*core::PgGroup::Parse("app_secret"));
  EXPECT_THAT(target().OpenLogin(order, NewCredential().verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(world_->RoleExists(login));
}

TEST_P(TargetContract, AnEndOutOfRangeOpensNothing) {
  const core::LoginName login = NewLogin();
  for (const absl::Duration ahead : {-absl::Seconds(1), absl::Hours(24 * 365)}) {
    ports::LoginOrder order = Order(login);
    order.valid_until = world_->Now() + ahead;
    EXPECT_THAT(target().OpenLogin(order, NewCredential().verifier),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_FALSE(world_->RoleExists(login));
}

// C-16
TEST_P(TargetContract, ARoleThatIsNotOursIsRefusedAndNeverTouched) {
  const core::LoginName login = NewLogin();
  world_->PutUnmarked(login);
  EXPECT_THAT(target().OpenLogin(Order(login), NewCredential().verifier),
              RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_EQ(TurnOffOne(login).state, OffState::kOff);
  EXPECT_EQ(RemoveOne(login).state, RemoveState::kRemoved);
  EXPECT_TRUE(world_->RoleExists(login));
  auto state = target().Inspect();
  ASSERT_THAT(state, IsOk());
  EXPECT_THAT(state->unmarked, Contains(login.text()));
  EXPECT_THAT(state->logins, IsEmpty());
}

TEST_P(TargetContract, TidyingLeavesOpenLoginsAloneAndIsHarmlessToRepeat) {
  const Opened opened = OpenOne();
  EXPECT_THAT(target().Tidy(), IsOk());
  EXPECT_TRUE(world_->CanLogIn(opened.login, opened.credential));
  ASSERT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  ASSERT_EQ(RemoveOne(opened.login).state, RemoveState::kRemoved);
  EXPECT_THAT(target().Tidy(), IsOk());
  EXPECT_THAT(target().Tidy(), IsOk());
}

TEST_P(TargetContract, OffMeansNoLoginAndNoSession) {
  const Opened opened = OpenOne();
  ASSERT_TRUE(world_->OpenSession(opened.login, opened.credential));
  ASSERT_TRUE(world_->OpenSession(opened.login, opened.credential));
  EXPECT_EQ(world_->LiveSessions(opened.login), 2);
  EXPECT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  EXPECT_EQ(world_->LiveSessions(opened.login), 0);
  EXPECT_FALSE(world_->CanLogIn(opened.login, opened.credential));
  const auto seen = See(opened.login);
  ASSERT_TRUE(seen.has_value());
  EXPECT_FALSE(seen->can_login);
  EXPECT_EQ(seen->valid_until, absl::InfinitePast());
  EXPECT_THAT(seen->member_of, IsEmpty());
  EXPECT_EQ(seen->sessions, 0);
}

TEST_P(TargetContract, TurningOffAnswersForEachInOrderAndTouchesNobodyElse) {
  const Opened first = OpenOne();
  const Opened second = OpenOne();
  const Opened bystander = OpenOne();
  const core::LoginName absent = NewLogin();
  ASSERT_TRUE(world_->OpenSession(bystander.login, bystander.credential));
  auto outcomes = target().TurnOff({second.login, absent, first.login});
  ASSERT_THAT(outcomes, IsOk());
  ASSERT_EQ(outcomes->size(), 3U);
  EXPECT_EQ(outcomes->at(0).login, second.login);
  EXPECT_EQ(outcomes->at(1).login, absent);
  EXPECT_EQ(outcomes->at(2).login, first.login);
  for (const ports::OffOutcome& outcome : *outcomes) {
    EXPECT_EQ(outcome.state, OffState::kOff) << outcome.report;
    EXPECT_THAT(outcome.report, Not(IsEmpty()));
  }
  EXPECT_EQ(world_->LiveSessions(bystander.login), 1);
  EXPECT_TRUE(world_->CanLogIn(bystander.login, bystander.credential));
}

TEST_P(TargetContract, TurningOffAndRemovingCanBeRepeated) {
  const Opened opened = OpenOne();
  EXPECT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  EXPECT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  EXPECT_EQ(RemoveOne(opened.login).state, RemoveState::kRemoved);
  EXPECT_EQ(RemoveOne(opened.login).state, RemoveState::kRemoved);
  EXPECT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  EXPECT_FALSE(world_->RoleExists(opened.login));
}

TEST_P(TargetContract, NothingIsAskedWhenNothingIsToBeDone) {
  auto off = target().TurnOff({});
  ASSERT_THAT(off, IsOk());
  EXPECT_THAT(*off, IsEmpty());
  auto removed = target().Remove({});
  ASSERT_THAT(removed, IsOk());
  EXPECT_THAT(*removed, IsEmpty());
}

TEST_P(TargetContract, RemovingWaitsForOff) {
  const Opened opened = OpenOne();
  EXPECT_EQ(RemoveOne(opened.login).state, RemoveState::kNotYet);
  EXPECT_TRUE(world_->CanLogIn(opened.login, opened.credential));
}

TEST_P(TargetContract, ALoginThatOwnsDataIsOffAndWaitsForAReview) {
  const Opened opened = OpenOne();
  world_->OwnRelation(opened.login, opened.credential);
  EXPECT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  const ports::RemoveOutcome outcome = RemoveOne(opened.login);
  EXPECT_EQ(outcome.state, RemoveState::kNeedsReview);
  EXPECT_THAT(outcome.report, Not(IsEmpty()));
  EXPECT_TRUE(world_->RoleExists(opened.login));
  EXPECT_FALSE(world_->CanLogIn(opened.login, opened.credential));
}

TEST_P(TargetContract, WhatALoginThatActsAsAnOwnerLeavesIsToldAndToldAgain) {
  const Opened opened = OpenAsOwner();
  world_->MakeFunction(opened.login, opened.credential, "zulu");
  world_->MakeFunction(opened.login, opened.credential, "alpha");
  EXPECT_EQ(RemoveOne(opened.login).residue, std::nullopt);  // it is not off
  ASSERT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  const ports::RemoveOutcome outcome = RemoveOne(opened.login);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
  ASSERT_TRUE(outcome.residue.has_value());
  EXPECT_THAT(outcome.residue->lines, ElementsAre(Added("alpha"), Added("zulu")));
  EXPECT_EQ(outcome.residue->more, 0);
  // What happens later is not in it.
  const Opened other = OpenAsOwner();
  world_->MakeFunction(other.login, other.credential, "later");
  const ports::RemoveOutcome again = RemoveOne(opened.login);
  EXPECT_EQ(again.state, RemoveState::kRemoved);
  EXPECT_EQ(again.residue, outcome.residue);
}

TEST_P(TargetContract, ALoginThatActsAsAnOwnerAndChangesNothingLeavesNothing) {
  const Opened opened = OpenAsOwner();
  EXPECT_TRUE(world_->OpenSession(opened.login, opened.credential));
  ASSERT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  EXPECT_EQ(RemoveOne(opened.login).residue, lease::Residue());
}

TEST_P(TargetContract, WhatCannotBeToldYetHoldsUpNoRemovalAndIsToldLater) {
  const Opened opened = OpenAsOwner();
  const Opened plain = OpenOne();
  world_->MakeFunction(opened.login, opened.credential, "made");
  ASSERT_THAT(target().TurnOff({opened.login, plain.login}), IsOk());
  world_->HideSchema();
  auto outcomes = target().Remove({opened.login, plain.login});
  ASSERT_THAT(outcomes, IsOk());
  EXPECT_EQ(outcomes->at(0).state, RemoveState::kNotYet);
  EXPECT_EQ(outcomes->at(0).residue, std::nullopt);
  EXPECT_EQ(outcomes->at(1).state, RemoveState::kRemoved);
  EXPECT_FALSE(world_->RoleExists(opened.login));
  world_->ShowSchema();
  const ports::RemoveOutcome outcome = RemoveOne(opened.login);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved) << outcome.report;
  ASSERT_TRUE(outcome.residue.has_value());
  EXPECT_THAT(outcome.residue->lines, ElementsAre(Added("made")));
}

TEST_P(TargetContract, ALoginThatActsAsItselfIsComparedWithNothing) {
  const Opened opened = OpenOne();
  const Opened owner = OpenAsOwner();
  world_->MakeFunction(owner.login, owner.credential, "made");
  ASSERT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  const ports::RemoveOutcome outcome = RemoveOne(opened.login);
  EXPECT_EQ(outcome.state, RemoveState::kRemoved);
  EXPECT_EQ(outcome.residue, std::nullopt);
}

TEST_P(TargetContract, ANewVerifierDoesNotMoveWhatALoginIsComparedWith) {
  const Opened opened = OpenAsOwner();
  world_->MakeFunction(opened.login, opened.credential, "made");
  const Credential second = NewCredential();
  ports::LoginOrder order = OwnerOrder(opened.login);
  order.valid_until = See(opened.login)->valid_until;
  ASSERT_THAT(target().OpenLogin(order, second.verifier), IsOk());
  world_->MakeFunction(opened.login, second, "more");
  ASSERT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
  EXPECT_THAT(RemoveOne(opened.login).residue->lines, ElementsAre(Added("made"), Added("more")));
}

TEST_P(TargetContract, SeveralLoginsThatActAsOwnersAreEachToldWhatIsDifferent) {
  const Opened first = OpenAsOwner();
  world_->MakeFunction(first.login, first.credential, "one");
  const Opened second = OpenAsOwner();
  const Opened plain = OpenOne();
  world_->MakeFunction(second.login, second.credential, "two");
  ASSERT_THAT(target().TurnOff({first.login, second.login, plain.login}), IsOk());
  auto outcomes = target().Remove({second.login, plain.login, first.login});
  ASSERT_THAT(outcomes, IsOk());
  ASSERT_TRUE(outcomes->at(0).residue.has_value());
  ASSERT_TRUE(outcomes->at(2).residue.has_value());
  EXPECT_THAT(outcomes->at(0).residue->lines, ElementsAre(Added("two")));
  EXPECT_EQ(outcomes->at(1).residue, std::nullopt);
  EXPECT_THAT(outcomes->at(2).residue->lines, ElementsAre(Added("one"), Added("two")));
}

TEST_P(TargetContract, ALoginActsAsOneOfItsGroupsOrIsNotOpened) {
  const core::LoginName login = NewLogin();
  ports::LoginOrder order = Order(login);
  order.acts_as = *core::PgGroup::Parse("app_owner");
  EXPECT_THAT(target().OpenLogin(order, NewCredential().verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(world_->RoleExists(login));
}

TEST_P(TargetContract, ALoginThatIsOpenDoesNotBeginOrCeaseToActAsAnOwner) {
  const Opened owner = OpenAsOwner();
  ports::LoginOrder order = OwnerOrder(owner.login);
  order.valid_until = See(owner.login)->valid_until;
  order.acts_as.reset();
  EXPECT_THAT(target().OpenLogin(order, NewCredential().verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const core::LoginName plain = NewLogin();
  order = OwnerOrder(plain);
  order.acts_as.reset();
  ASSERT_THAT(target().OpenLogin(order, NewCredential().verifier), IsOk());
  order.acts_as = order.member_of.front();
  EXPECT_THAT(target().OpenLogin(order, NewCredential().verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// C-18
TEST_P(TargetContract, APasswordTheHolderChangedIsSeen) {
  const Opened opened = OpenOne();
  world_->ChangeOwnPassword(opened.login, opened.credential);
  EXPECT_NE(See(opened.login)->verifier_digest, opened.credential.verifier.Digest());
}

TEST_P(TargetContract, SessionsAreCounted) {
  const Opened opened = OpenOne();
  ASSERT_TRUE(world_->OpenSession(opened.login, opened.credential));
  EXPECT_EQ(See(opened.login)->sessions, 1);
}

TEST_P(TargetContract, VitalsAndStateAgree) {
  auto vitals = target().Measure();
  auto state = target().Inspect();
  ASSERT_THAT(vitals, IsOk());
  ASSERT_THAT(state, IsOk());
  EXPECT_THAT(vitals->system_identifier, Not(IsEmpty()));
  EXPECT_EQ(vitals->system_identifier, state->system_identifier);
  EXPECT_EQ(vitals->kit_version, state->kit_version);
  EXPECT_EQ(state->database, target().address().database);
  EXPECT_FALSE(vitals->read_only);
  EXPECT_FALSE(state->read_only);
  EXPECT_LT(absl::AbsDuration(vitals->clock_skew), absl::Seconds(2));
  EXPECT_LE(state->server_start, world_->Now());
}

TEST_P(TargetContract, ATargetThatIsDownIsUnavailableAndComesBack) {
  const Opened opened = OpenOne();
  world_->StopServer();
  EXPECT_THAT(target().OpenLogin(Order(NewLogin()), NewCredential().verifier),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(target().TurnOff({opened.login}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(target().Remove({opened.login}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(target().Inspect(), StatusIs(absl::StatusCode::kUnavailable));
  world_->StartServer();
  EXPECT_TRUE(world_->CanLogIn(opened.login, opened.credential));
  EXPECT_EQ(TurnOffOne(opened.login).state, OffState::kOff);
}

TEST_P(TargetContract, AReadOnlyTargetOpensNothingAndSaysSo) {
  world_->MakeReadOnly();
  EXPECT_THAT(target().OpenLogin(Order(NewLogin()), NewCredential().verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  auto state = target().Inspect();
  ASSERT_THAT(state, IsOk());
  EXPECT_TRUE(state->read_only);
}

}  // namespace

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TargetContract);

}  // namespace jit::testing
