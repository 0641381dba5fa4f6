#include "broker/rpc/door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/testing/policy_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::rpc {
namespace {

using core::Reason;
using testing::IsOk;
using testing::Person;
using testing::RefusedWith;
using testing::ShopPolicy;

std::set<Kind> KindsOf(const policy::Policy& policy, absl::string_view person) {
  std::set<Kind> kinds;
  for (const Kind kind :
       {Kind::kKnown, Kind::kAsker, Kind::kApprover, Kind::kOperator, Kind::kAuditor}) {
    if (IsKind(kind, policy, Person(person))) {
      kinds.insert(kind);
    }
  }
  return kinds;
}

TEST(Door, KnowsTheKindsOfEverybodyInTheShop) {
  const policy::Policy shop = ShopPolicy();
  using Kinds = std::set<Kind>;
  EXPECT_EQ(KindsOf(shop, "engineer"), (Kinds{Kind::kKnown, Kind::kAsker}));
  EXPECT_EQ(KindsOf(shop, "oncall"), (Kinds{Kind::kKnown, Kind::kAsker}));
  EXPECT_EQ(KindsOf(shop, "reviewer"), (Kinds{Kind::kKnown, Kind::kApprover}));
  EXPECT_EQ(KindsOf(shop, "manager"), (Kinds{Kind::kKnown, Kind::kApprover}));
  EXPECT_EQ(KindsOf(shop, "operator"), (Kinds{Kind::kKnown, Kind::kOperator}));
  EXPECT_EQ(KindsOf(shop, "auditor"), (Kinds{Kind::kKnown, Kind::kAuditor}));
  EXPECT_EQ(KindsOf(shop, "drifter"), Kinds{});
  EXPECT_EQ(KindsOf(shop, "nobody"), Kinds{});
}

TEST(Door, AManagerIsAnApproverOnlyWhereSomeSeatIsForManagers) {
  policy::Policy shop = ShopPolicy();
  testing::Shop(shop).break_glass.clear();
  testing::Shop(shop).rules.pop_back();  // `ddl`, the one with a seat for the manager
  EXPECT_FALSE(IsKind(Kind::kApprover, shop, Person("manager")));
  EXPECT_TRUE(IsKind(Kind::kApprover, shop, Person("reviewer")));
}

TEST(Door, SomebodyWhoMayOnlyBreakTheGlassIsAnAsker) {
  policy::Policy shop = ShopPolicy();
  testing::Shop(shop).rules.clear();
  EXPECT_TRUE(IsKind(Kind::kAsker, shop, Person("oncall")));
  EXPECT_FALSE(IsKind(Kind::kAsker, shop, Person("engineer")));
}

TEST(Door, AMethodThatIsNotListedIsRefusedWhoeverAsks) {
  const policy::Policy shop = ShopPolicy();
  for (const char* method :
       {"", "jit.v1.LeaseService.WhoAmi", "/jit.v1.LeaseService/WhoAmI", "LeaseService.WhoAmI",
        "jit.v1.LeaseService.WhoAmI ", "jit.v2.LeaseService.WhoAmI"}) {
    EXPECT_THAT(PassDoor(method, shop, Person("operator")), RefusedWith(Reason::kUnknownMethod));
  }
}

TEST(Door, EveryListedMethodOpensToSomebodyAndToNoDrifter) {
  const policy::Policy shop = ShopPolicy();
  for (const DoorRule& rule : DoorTable()) {
    EXPECT_FALSE(rule.opens.empty()) << rule.method;
    EXPECT_THAT(PassDoor(rule.method, shop, Person("drifter")),
                RefusedWith(Reason::kMethodNotForCaller));
  }
  EXPECT_THAT(PassDoor("jit.v1.LeaseService.WhoAmI", shop, Person("auditor")), IsOk());
}

}  // namespace
}  // namespace jit::rpc
