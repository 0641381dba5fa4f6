#include "broker/core/person.h"

#include <gtest/gtest.h>

#include "tests/testing/policy_builder.h"

namespace jit::core {
namespace {

TEST(Directory, SeveralIdentitiesMayBelongToOnePerson) {
  policy::Policy policy = testing::ShopPolicy();
  Directory& people = policy.people;
  people.people.at(testing::Person("engineer")).identities.insert("jit://test/engineer-laptop");
  EXPECT_EQ(people.FindByIdentity("jit://test/engineer")->id, testing::Person("engineer"));
  EXPECT_EQ(people.FindByIdentity("jit://test/engineer-laptop")->id, testing::Person("engineer"));
}

TEST(Directory, AnIdentityOfNobodyFindsNobody) {
  const Directory people = testing::ShopPolicy().people;
  EXPECT_EQ(people.FindByIdentity("jit://test/stranger"), nullptr);
  EXPECT_EQ(people.FindByIdentity("jit://test/Engineer"), nullptr);
  EXPECT_EQ(people.FindByIdentity(""), nullptr);
}

TEST(Directory, MembershipIsOfThePersonAndTheGroup) {
  const Directory people = testing::ShopPolicy().people;
  EXPECT_TRUE(people.IsIn(testing::Person("engineer"), testing::Group("engineers")));
  EXPECT_FALSE(people.IsIn(testing::Person("engineer"), testing::Group("reviewers")));
  EXPECT_FALSE(people.IsIn(testing::Person("nobody"), testing::Group("engineers")));
}

}  // namespace
}  // namespace jit::core
