// A lease that acted as an owner: ordered so, off, and accepted by somebody else.
#include <gtest/gtest.h>

#include "broker/core/refusal.h"
#include "broker/use_cases/end.h"
#include "broker/use_cases/login.h"
#include "broker/use_cases/look_up.h"
#include "tests/use_cases/stage.h"

namespace jit::use_cases {
namespace {

using core::Reason;
using lease::State;
using records::Decision;

core::LeaseId OpenAsOwner(Stage& stage) {
  const auto asked = AskForLease(stage.ports, stage.Order("alice", "schema"));
  const core::LeaseId id = *asked->lease.id;
  EXPECT_TRUE(stage.Review("rita", id, Decision::kApprove).ok());
  EXPECT_EQ(OpenLease(stage.ports, Person("alice"), id, stage.Verifier())->lease.state,
            State::kOpen);
  return id;
}

core::LeaseId EndedAsOwner(Stage& stage) {
  const core::LeaseId id = OpenAsOwner(stage);
  EXPECT_TRUE(EndLease(stage.ports, Person("alice"), id).ok());
  stage.Sweep();
  return id;
}

TEST(ActingAsOwner, IsWhatTheTargetIsOrdered) {
  Stage stage;
  const core::LeaseId id = OpenAsOwner(stage);
  const ports::LoginOrder order = OrderFor(LoadLease(stage.ports, id)->lease);
  ASSERT_TRUE(order.acts_as.has_value());
  EXPECT_EQ(order.acts_as->text(), "shop_owner");
  const auto reader = AskForLease(stage.ports, stage.OrderToOpen("alice", "reader"));
  EXPECT_EQ(OrderFor(reader->lease).acts_as, std::nullopt);
}

TEST(AcceptResidue, TheLeaseIsOffAndItsLoginGoneUntilItIsGiven) {
  Stage stage;
  const core::LeaseId id = EndedAsOwner(stage);
  const auto seen = LoadLease(stage.ports, id);
  EXPECT_EQ(seen->lease.state, State::kOff);
  EXPECT_TRUE(seen->lease.residue.has_value());
  EXPECT_FALSE(stage.prod.Exists(core::LoginName::Of(id)));
  stage.clock.Advance(absl::Hours(48));
  stage.Sweep(Depth::kFull);
  EXPECT_EQ(stage.StateOf(id), State::kOff);
  const auto accepted = stage.Review("rita", id, Decision::kAcceptResidue);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->lease.state, State::kClosed);
  EXPECT_EQ(accepted->lease.acceptance->by, Person("rita"));
}

TEST(AcceptResidue, IsNotForWhoeverAsked) {
  Stage stage;
  const core::LeaseId id = EndedAsOwner(stage);
  EXPECT_EQ(core::ReasonOf(stage.Review("alice", id, Decision::kAcceptResidue).status()),
            Reason::kOwnLease);
  EXPECT_EQ(stage.StateOf(id), State::kOff);
}

TEST(AcceptResidue, HasNoStatementBeforeThereIsSomethingToAccept) {
  Stage stage;
  const core::LeaseId id = OpenAsOwner(stage);
  EXPECT_EQ(core::ReasonOf(stage.Review("rita", id, Decision::kAcceptResidue).status()),
            Reason::kWrongState);
}

TEST(AcceptResidue, IsInTheInboxOfThoseWhoMayGiveItAndOfNobodyElse) {
  Stage stage;
  const core::LeaseId id = EndedAsOwner(stage);
  const auto reviewer = InboxOf(stage.ports, Person("rita"));
  ASSERT_EQ(reviewer->residue.size(), 1u);
  EXPECT_EQ(*reviewer->residue.front().lease.id, id);
  EXPECT_TRUE(InboxOf(stage.ports, Person("alice"))->residue.empty());
  EXPECT_TRUE(stage.Review("rita", id, Decision::kAcceptResidue).ok());
  EXPECT_TRUE(InboxOf(stage.ports, Person("rita"))->residue.empty());
}

}  // namespace
}  // namespace jit::use_cases
