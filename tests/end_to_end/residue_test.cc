// A lease that acts as the owner of the tables, from asking to the acceptance of what it left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The policy as it is shipped, with one role more that defines and is opened by people.
void OfferTheOwner(const Scene& scene) {
  scene.WriteFile("policies/shop.toml", scene.ReadFile("policies/shop.toml") + R"(
[roles.owner]
access = "defines"
member_of = ["shop_owner"]
owner = "shop_owner"
interactive = true
default = "10m"
longest = "1h"

[[rules]]
name = "define_by_hand"
who = ["engineers"]
roles = ["owner"]
longest = "1h"
seats = [{ name = "reviewer", from = "reviewers" }]
)");
}

json ShownToAccept(Scene& scene) {
  return scene.JsonBy("reviewer", {"jit-approve", "inbox"});
}

TEST(ActingAsOwner, ALeaseIsClosedWhenSomebodyElseHasAcceptedWhatItLeftInTheSchema) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  OfferTheOwner(*scene);
  ASSERT_TRUE(scene->Start());

  const json asked =
      scene->JsonBy("engineer", {"jit-access", "request", "--target", "shop", "--role", "owner",
                                 "--ttl", "10m", "--no-wait", "--reason", "orders need a note"});
  const std::string id = asked.value("lease", "");
  ASSERT_TRUE(scene->Approve("reviewer", id)) << asked;
  const json lease = scene->JsonBy("engineer", {"jit-access", "open", id});
  ASSERT_EQ(lease.value("state", ""), "open") << lease << scene->BrokerLog();
  const Said defined = scene->Psql(
      lease,
      "create table shop.notes (id integer primary key);"
      "create function shop.note_of(integer) returns text language sql as $$ select 'x' $$");
  ASSERT_EQ(defined.status, 0) << defined.err;
  EXPECT_EQ(scene->By("engineer", {"jit-access", "end", id}).status, 0);
  ASSERT_TRUE(Comes([&] { return ShownToAccept(*scene)["residue"].size() == 1; }))
      << scene->By("engineer", {"jit-access", "status", id}).out;

  EXPECT_TRUE(scene->Logins().empty());
  EXPECT_EQ(scene->Sql("select count(*) from pg_roles where rolname ~ '^jit_[a-z2-7]{26}$'"), "0");
  EXPECT_EQ(scene->Sql("select tableowner from pg_tables where tablename = 'notes'"), "shop_owner");
  const Said status = scene->By("engineer", {"jit-access", "status", id});
  EXPECT_THAT(status.out,
              AllOf(StartsWith("off\n"), HasSubstr("waits for somebody else to accept")));

  const json own = scene->JsonBy("engineer", {"jit-approve", "show", id});
  const Said refused = scene->By(
      "engineer", {"jit-approve", "accept", id, "--yes", "--digest", own.value("digest", "")});
  EXPECT_NE(refused.status, 0);
  EXPECT_EQ(scene->StateOf(id), "off");

  const Said shown = scene->By("reviewer", {"jit-approve", "show", id});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("acted as  shop_owner"), HasSubstr("added"),
                               HasSubstr("shop.notes"), HasSubstr("shop.note_of")));
  const json to_sign = scene->JsonBy("reviewer", {"jit-approve", "show", id});
  const Said accepted =
      scene->By("reviewer", {"jit-approve", "accept", id, "--yes", "--digest",
                             to_sign.value("digest", ""), "--note", "as in the ticket"});
  EXPECT_EQ(accepted.status, 0) << accepted.err;
  EXPECT_EQ(scene->StateOf(id), "closed");
  EXPECT_FALSE(scene->ExportedJournal().empty()) << "jit-audit verifies the acceptance too";
}

}  // namespace
}  // namespace jit::end_to_end
