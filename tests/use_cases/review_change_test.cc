#include "broker/use_cases/review_change.h"

#include "broker/use_cases/reload_policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/change_stage.h"

namespace jit::use_cases {
namespace {

using change::State;
using core::Reason;
using lease::Verdict;

core::ChangeId Submitted(ChangeStage& stage, const char* by = "alice") {
  const auto rehearsed = stage.Rehearsed(stage.Script(by, "fix one"));
  const auto submitted = SubmitChange(stage.ports, Person(by), *rehearsed->change.id);
  EXPECT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(submitted->change.state, State::kSubmitted);
  return *submitted->change.id;
}

TEST(SubmitChange, IsTheAuthorsAlone) {
  ChangeStage stage;
  const auto rehearsed = stage.Rehearsed(stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(SubmitChange(stage.ports, Person("rita"), *rehearsed->change.id).status()),
            Reason::kNotHolder);
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(SubmitChange(stage.ports, Person("alice"), *planned->change.id).status()),
            Reason::kWrongState);
}

TEST(ReviewChange, ASignedYesForEverySeatApproves) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage);
  const auto reviewed = stage.Review("rita", id);
  ASSERT_TRUE(reviewed.ok()) << reviewed.status();
  EXPECT_EQ(reviewed->change.state, State::kApproved);
}

TEST(ReviewChange, ANoDenies) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage);
  EXPECT_EQ(stage.Review("rita", id, Verdict::kNo)->change.state, State::kDenied);
  EXPECT_EQ(Refused(stage.Review("rolf", id).status()), Reason::kAlreadyEnded);
}

TEST(ReviewChange, NobodyReviewsTheirOwnChangeNorWithoutASeat) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage, "bob");
  EXPECT_EQ(Refused(stage.Review("bob", id).status()), Reason::kOwnLease);
  EXPECT_EQ(Refused(stage.Review("opal", id).status()), Reason::kNoSeatForYou);
  EXPECT_EQ(Refused(stage.Review("alice", id).status()), Reason::kUnknownChange);
}

TEST(ReviewChange, TheSignatureIsOverWhatStandsThere) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage);
  const testing::Signer& signer = testing::Cast::Get().signers.at(Person("rita"));
  auto view = ChangeStatementToSign(stage.ports, Person("rita"), id, Verdict::kYes);
  ASSERT_TRUE(view.ok()) << view.status();
  ChangeReviewOrder order{stage.NewKey(), Person("rita"),         id, Verdict::kYes, view->digest,
                          "AAAA",         signer.certificate_pem, ""};
  EXPECT_EQ(Refused(ReviewChange(stage.ports, order).status()), Reason::kSignatureInvalid);
  order.digest[0] = order.digest[0] == 'a' ? 'b' : 'a';
  EXPECT_EQ(Refused(ReviewChange(stage.ports, order).status()), Reason::kDigestMismatch);
}

TEST(ReviewChange, ARepeatIsAnsweredAndNotRepeated) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage);
  const testing::Signer& signer = testing::Cast::Get().signers.at(Person("rita"));
  auto view = ChangeStatementToSign(stage.ports, Person("rita"), id, Verdict::kYes);
  const ChangeReviewOrder order{stage.NewKey(),
                                Person("rita"),
                                id,
                                Verdict::kYes,
                                view->digest,
                                *credential::Sign(signer.key_pem, credential::kReviewContext,
                                                  credential::ReviewText(view->statement, "")),
                                signer.certificate_pem,
                                ""};
  const auto first = ReviewChange(stage.ports, order);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReviewChange(stage.ports, order)->version, first->version);
}

TEST(ReviewChange, ThereIsNothingToSignBeforeTheRehearsal) {
  ChangeStage stage;
  const auto planned = PlanChange(stage.ports, stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(stage.Review("rita", *planned->change.id).status()), Reason::kWrongState);
}

TEST(WithdrawChange, IsTheAuthorsAlone) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage);
  EXPECT_EQ(Refused(WithdrawChange(stage.ports, Person("rita"), id).status()), Reason::kNotHolder);
  EXPECT_EQ(WithdrawChange(stage.ports, Person("alice"), id)->change.state, State::kWithdrawn);
}

TEST(DenyChange, TakesAnApprovalBackBeforeItIsUsed) {
  ChangeStage stage;
  const core::ChangeId id = stage.Approved(stage.Script("alice", "fix one"));
  EXPECT_EQ(Refused(DenyChange(stage.ports, Person("alice"), id, "no").status()),
            Reason::kOwnLease);
  EXPECT_EQ(DenyChange(stage.ports, Person("opal"), id, "not today")->change.state, State::kDenied);
  EXPECT_EQ(Refused(ApplyChange(stage.ports, Person("alice"), id).status()), Reason::kAlreadyEnded);
}

TEST(LookUpChanges, EverybodySeesTheirOwnAndThoseTheyCouldDecideOn) {
  ChangeStage stage;
  const core::ChangeId id = Submitted(stage, "bob");
  EXPECT_EQ(ListChanges(stage.ports, {.by = Person("bob")})->rows.size(), 1U);
  EXPECT_EQ(ListChanges(stage.ports, {.by = Person("rita")})->rows.size(), 1U);
  EXPECT_EQ(ListChanges(stage.ports, {.by = Person("rita"), .mine_only = true})->rows.size(), 0U);
  EXPECT_EQ(ListChanges(stage.ports, {.by = Person("alice")})->rows.size(), 0U);
  EXPECT_EQ(ChangeInbox(stage.ports, Person("rita"))->size(), 1U);
  EXPECT_EQ(ChangeInbox(stage.ports, Person("bob"))->size(), 0U);
  EXPECT_EQ(ChangeInbox(stage.ports, Person("opal"))->size(), 0U);
  EXPECT_EQ(ChangeHistory(stage.ports, Person("rita"), id)->size(), 3U);
  EXPECT_EQ(Refused(ChangeHistory(stage.ports, Person("alice"), id).status()),
            Reason::kUnknownChange);
  ASSERT_TRUE(stage.Review("rita", id).ok());
  EXPECT_EQ(ChangeInbox(stage.ports, Person("rolf"))->size(), 0U);
}

TEST(LookUpChanges, AListIsGivenInPages) {
  ChangeStage stage;
  for (int i = 0; i < 3; ++i) {
    stage.clock.Advance(absl::Seconds(1));
    ASSERT_TRUE(PlanChange(stage.ports, stage.Script("alice", "fix one")).ok());
  }
  const auto first = ListChanges(stage.ports, {.by = Person("alice"), .limit = 2});
  ASSERT_EQ(first->rows.size(), 2U);
  ASSERT_TRUE(first->next_after.has_value());
  const auto rest =
      ListChanges(stage.ports, {.by = Person("alice"), .after = first->next_after, .limit = 2});
  EXPECT_EQ(rest->rows.size(), 1U);
  EXPECT_FALSE(rest->next_after.has_value());
}

TEST(LookUpChanges, RowsOfARunAreShownWithoutWhatIsMasked) {
  ChangeStage stage;
  stage.bench.Say("people", {.edits = {{"shop.people", "1", "secret"}}});
  const core::ChangeId id = stage.Applied(stage.Script("alice", "fix one; people"));
  const core::LeaseId run = stage.ChangeOf(id).execution->lease;
  const auto rows = RowChangesOf(stage.ports, Person("alice"), run, 0, 10);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(RowsOf(stage.ports, Person("alice"), run, rows->at(0).sequence, 10)->at(0).cells.size(),
            1U);
  EXPECT_EQ(RowsOf(stage.ports, Person("alice"), run, rows->at(1).sequence, 10)->at(0).cells.size(),
            0U);
  EXPECT_EQ(Refused(RowChangesOf(stage.ports, Person("rolf"), run, 0, 10).status()),
            Reason::kUnknownLease);
}

TEST(LookUpChanges, WhatAChangeKeepsIsShownToThoseWhoSeeIt) {
  ChangeStage stage;
  const core::ChangeId id = stage.Applied(stage.Script("alice", "define"));
  EXPECT_EQ(KeptBy(stage.ports, Person("rita"), id)->size(), 1U);
  stage.ports.benches.clear();
  EXPECT_EQ(Refused(KeptBy(stage.ports, Person("rita"), id).status()), Reason::kTargetNotReady);
}

}  // namespace
}  // namespace jit::use_cases
