#include "broker/use_cases/open.h"

#include "broker/core/refusal.h"
#include "broker/use_cases/end.h"
#include "broker/use_cases/reload_policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/use_cases/stage.h"

namespace jit::use_cases {
namespace {

using core::Reason;
using lease::State;

core::LeaseId ApprovedWriter(Stage& stage) {
  const core::LeaseId id = *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  EXPECT_EQ(stage.Review("rita", id, records::Decision::kApprove)->lease.state, State::kApproved);
  return id;
}

TEST(Open, AnApprovedLeaseGetsALoginWithTheDeadlineOfTheLease) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  const auto open = OpenLease(stage.ports, Person("alice"), id, stage.Verifier());
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->lease.state, State::kOpen);
  EXPECT_EQ(stage.prod.OrderOf(core::LoginName::Of(id))->valid_until, open->lease.expire_time);
}

TEST(Open, SomebodyElseIsRefused) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  EXPECT_EQ(core::ReasonOf(OpenLease(stage.ports, Person("rita"), id, stage.Verifier()).status()),
            Reason::kNotHolder);
  EXPECT_EQ(core::ReasonOf(OpenLease(stage.ports, Person("opal"), id, stage.Verifier()).status()),
            Reason::kNotHolder);
}

TEST(Open, AgainGivesTheNewPasswordAndKeepsTheDeadline) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  const auto first = OpenLease(stage.ports, Person("alice"), id, stage.Verifier(0));
  stage.clock.Advance(absl::Minutes(5));
  const auto second = OpenLease(stage.ports, Person("alice"), id, stage.Verifier(1));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->lease.expire_time, first->lease.expire_time);
  EXPECT_EQ(stage.prod.VerifierDigestOf(core::LoginName::Of(id)), stage.Verifier(1).Digest());
}

TEST(Open, WhenTheDecidingRuleChangedTheLeaseGoesBackToReviewAndSaysSo) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  stage.policy.SetNext(testing::MakePolicy(1));
  ASSERT_TRUE(ReloadPolicy(stage.ports).ok());
  EXPECT_EQ(core::ReasonOf(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).status()),
            Reason::kPolicyChanged);
  EXPECT_EQ(stage.StateOf(id), State::kRequested);
  ASSERT_TRUE(stage.Review("rita", id, records::Decision::kApprove).ok());
  EXPECT_TRUE(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).ok());
}

TEST(Open, WhenTheTargetSaysNoForCertainTheLeaseCloses) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  stage.prod.PutUnmarked(core::LoginName::Of(id));
  const auto open = OpenLease(stage.ports, Person("alice"), id, stage.Verifier());
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->lease.state, State::kClosing);
  EXPECT_EQ(open->lease.close_cause, lease::CloseCause::kFault);
}

TEST(Open, WhenTheAnswerIsLostTheSweepLooksAndFindsTheLogin) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  stage.prod.FailCall(2, testing::MemoryTarget::Trouble::kFailsAfter);  // 1 measures, 2 opens
  const auto open = OpenLease(stage.ports, Person("alice"), id, stage.Verifier());
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->lease.state, State::kOpening);
  const int calls = stage.prod.calls();
  stage.Sweep();
  EXPECT_EQ(stage.prod.calls(), calls) << "an opening that has just begun needs no look";
  stage.clock.Advance(absl::Seconds(3));
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kOpen);
}

TEST(Open, WhenNothingReachedTheTargetTheSweepClosesTheLeaseAfterAWhile) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  stage.prod.FailCall(2, testing::MemoryTarget::Trouble::kFailsBefore);
  ASSERT_TRUE(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).ok());
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kOpening);
  stage.clock.Advance(absl::Seconds(30));
  stage.Sweep();
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Open, AClockThatIsSetBackDoesNotStretchThatWhile) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  stage.prod.FailCall(2, testing::MemoryTarget::Trouble::kFailsBefore);
  ASSERT_TRUE(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).ok());
  stage.Sweep();
  stage.clock.SetWallBy(absl::Hours(-1));
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kOpening);
  stage.clock.Advance(absl::Seconds(30));
  stage.Sweep();
  stage.Sweep();
  EXPECT_EQ(stage.StateOf(id), State::kClosed);
}

TEST(Open, IsRefusedWhenTheClocksAreTooFarApart) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  stage.prod.SetClockSkew(absl::Seconds(6));
  EXPECT_EQ(core::ReasonOf(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).status()),
            Reason::kClockSkew);
  stage.prod.SetClockSkew(absl::Seconds(4));
  EXPECT_TRUE(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).ok());
}

TEST(Open, IsRefusedForAMinuteAfterOurOwnClockJumped) {
  Stage stage;
  const core::LeaseId id = ApprovedWriter(stage);
  ASSERT_TRUE(stage.time.Settled());
  stage.clock.SetWallBy(absl::Hours(-1));
  EXPECT_EQ(core::ReasonOf(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).status()),
            Reason::kClockSkew);
  stage.clock.Advance(absl::Minutes(2));
  EXPECT_TRUE(OpenLease(stage.ports, Person("alice"), id, stage.Verifier()).ok());
}

TEST(Review, OnesOwnLeaseIsRefused) {
  Stage stage;
  const core::LeaseId id = *AskForLease(stage.ports, stage.Order("bob", "writer"))->lease.id;
  EXPECT_EQ(core::ReasonOf(stage.Review("bob", id, records::Decision::kApprove).status()),
            Reason::kOwnLease);
}

TEST(Review, ASignatureByAnotherKeyIsRefused) {
  Stage stage;
  const core::LeaseId id = *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  const auto view = StatementToSign(stage.ports, Person("rita"), id, records::Decision::kApprove);
  const testing::Signer& rita = testing::Cast::Get().signers.at(Person("rita"));
  const testing::Signer& rolf = testing::Cast::Get().signers.at(Person("rolf"));
  const auto refused = ReviewLease(
      stage.ports, {stage.NewKey(), Person("rita"), id, records::Decision::kApprove, view->digest,
                    *credential::Sign(rolf.key_pem, credential::kReviewContext,
                                      credential::ReviewText(view->statement, "")),
                    rita.certificate_pem, ""});
  EXPECT_EQ(core::ReasonOf(refused.status()), Reason::kSignatureInvalid);
}

TEST(Review, OnesOwnLeaseIsRefusedAsSuchWhateverTheSignature) {
  Stage stage;
  const core::LeaseId id = *AskForLease(stage.ports, stage.Order("bob", "writer"))->lease.id;
  const auto view = StatementToSign(stage.ports, Person("bob"), id, records::Decision::kApprove);
  const auto refused = ReviewLease(
      stage.ports, {stage.NewKey(), Person("bob"), id, records::Decision::kApprove, view->digest,
                    "AAAA", testing::Cast::Get().signers.at(Person("bob")).certificate_pem, ""});
  EXPECT_EQ(core::ReasonOf(refused.status()), Reason::kOwnLease);
}

TEST(Review, AnotherDigestIsRefused) {
  Stage stage;
  const core::LeaseId id = *AskForLease(stage.ports, stage.Order("alice", "writer"))->lease.id;
  const testing::Signer& rita = testing::Cast::Get().signers.at(Person("rita"));
  const auto refused =
      ReviewLease(stage.ports, {stage.NewKey(), Person("rita"), id, records::Decision::kApprove,
                                std::string(64, '0'), "AAAA", rita.certificate_pem, ""});
  EXPECT_EQ(core::ReasonOf(refused.status()), Reason::kDigestMismatch);
}

TEST(Review, SomebodyWhoMayNotSeeTheLeaseFindsNothing) {
  Stage stage;
  const core::LeaseId id =
      *AskForLease(stage.ports, stage.OrderToOpen("alice", "reader"))->lease.id;
  EXPECT_EQ(core::ReasonOf(EndLease(stage.ports, Person("rolf"), id).status()),
            Reason::kUnknownLease);
}

}  // namespace
}  // namespace jit::use_cases
