// Guarded changes, from a bad script to the way back, with the programs as they are shipped.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBad[] = "update shop.orders\n   set status = 'returned';\n";
constexpr char kGood[] =
    "-- expect: shop.orders.updated=1\n"
    "update shop.orders\n   set status = 'returned'\n where id = 471;\n";

// Every row of the shop, in one word.
std::string Checksum(Scene& scene) {
  return scene.Sql("select md5(string_agg(o::text, '|' order by id)) from shop.orders o");
}

Said Plan(Scene& scene, const std::string& script, const Words& more = {}) {
  scene.WriteFile("fix.sql", script);
  Words words = {
      "jit-access", "change", "plan",     scene.folder() + "/fix.sql",   "--target", "shop",
      "--role",     "schema", "--reason", "order 471 came back, SHOP-17"};
  words.insert(words.end(), more.begin(), more.end());
  return scene.By("engineer", words);
}

// The change that a plan or an undo printed the id of, first thing.
std::string IdIn(const Said& said) {
  const std::string word = "change ";
  if (said.out.rfind(word, 0) != 0) return "";
  return said.out.substr(word.size(), said.out.find('\n') - word.size());
}

json ChangeOf(Scene& scene, const std::string& change) {
  return scene.JsonBy("engineer", {"jit-access", "change", "show", change});
}

Said Do(Scene& scene, const std::string& verb, const std::string& change) {
  return scene.By("engineer", {"jit-access", "change", verb, change});
}

TEST(Changes, ABadScriptIsSeenCorrectedApprovedByTwoAppliedAndTakenBack) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const std::string before = Checksum(*scene);

  const Said bad = Plan(*scene, kBad);
  EXPECT_EQ(bad.status, 0) << bad.out << bad.err;
  EXPECT_THAT(bad.out,
              AllOf(HasSubstr("!! danger"), HasSubstr("no_where"), HasSubstr("1,000 updated"),
                    HasSubstr("- status  placed"), HasSubstr("+ status  returned")));
  EXPECT_THAT(bad.err, HasSubstr("Nothing was changed"));
  EXPECT_EQ(Checksum(*scene), before);
  EXPECT_EQ(Do(*scene, "withdraw", IdIn(bad)).status, 0);

  const Said good = Plan(*scene, kGood);
  ASSERT_EQ(good.status, 0) << good.out << good.err;
  EXPECT_THAT(good.out, AllOf(HasSubstr("1 updated"), Not(HasSubstr("!! danger")),
                              HasSubstr("Commits only if\n  shop.orders.updated=1\n")));
  const std::string change = IdIn(good);
  EXPECT_EQ(Do(*scene, "submit", change).status, 5) << "two seats are open";
  EXPECT_EQ(Do(*scene, "apply", change).status, 3);
  EXPECT_TRUE(scene->Approve("reviewer", change));
  EXPECT_EQ(Do(*scene, "apply", change).status, 3) << "one yes is not enough";
  EXPECT_TRUE(scene->Approve("manager", change));
  EXPECT_EQ(Checksum(*scene), before);

  const Said applied = Do(*scene, "apply", change);
  ASSERT_EQ(applied.status, 0) << applied.out << applied.err;
  EXPECT_EQ(
      scene->Sql("select string_agg(id::text, ',') from shop.orders where status <> 'placed'"),
      "471");
  EXPECT_EQ(Do(*scene, "apply", change).status, 3) << "it runs once";

  const Said undo = scene->By("engineer", {"jit-access", "change", "undo", change, "--reason",
                                           "it was another order after all"});
  ASSERT_EQ(undo.status, 5) << "taking it back has a seat as well\n" << undo.out << undo.err;
  EXPECT_TRUE(scene->Approve("reviewer", IdIn(undo)));
  const Said undone = Do(*scene, "apply", IdIn(undo));
  EXPECT_EQ(undone.status, 0) << undone.out << undone.err;
  EXPECT_EQ(Checksum(*scene), before);
  EXPECT_EQ(ChangeOf(*scene, change).value("state", ""), "undone");
  EXPECT_TRUE(Comes([&] { return scene->Logins().empty(); }));
  EXPECT_FALSE(scene->ExportedJournal().empty());
}

TEST(Changes, WhatWasExpectedAndDidNotHoldIsShownAndNothingIsChanged) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const std::string before = Checksum(*scene);
  const Said planned = Plan(*scene, kBad, {"--expect", "orders=1"});
  EXPECT_EQ(planned.status, 3) << planned.out << planned.err;
  EXPECT_THAT(planned.out, AllOf(HasSubstr("Not as expected"), HasSubstr("found 1,000")));
  EXPECT_EQ(Do(*scene, "submit", IdIn(planned)).status, 3);

  // It holds when it is rehearsed, and not any more when it is applied.
  const Said good = Plan(*scene,
                         "update shop.orders set status = 'returned' where status = 'lost';\n"
                         "update shop.orders set status = 'returned' where id = 471;\n");
  ASSERT_EQ(good.status, 0) << good.out << good.err;
  const std::string change = IdIn(good);
  EXPECT_EQ(Do(*scene, "submit", change).status, 5);
  EXPECT_TRUE(scene->Approve("reviewer", change));
  EXPECT_TRUE(scene->Approve("manager", change));
  scene->Sql("update shop.orders set status = 'lost' where id in (1, 2)");
  const std::string since = Checksum(*scene);
  const Said applied = Do(*scene, "apply", change);
  EXPECT_EQ(applied.status, 3) << applied.out << applied.err;
  EXPECT_THAT(applied.out, AllOf(HasSubstr("rolled"), HasSubstr("expected 1"), HasSubstr("3")));
  EXPECT_EQ(Checksum(*scene), since);
}

TEST(Changes, WhatTheHolderOfALeaseDidIsListedAndTakenBack) {
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());
  const std::string before = Checksum(*scene);
  const json asked =
      scene->JsonBy("engineer", {"jit-access", "request", "--target", "shop", "--role", "writer",
                                 "--ttl", "10m", "--no-wait", "--reason", "order 471 came back"});
  const std::string id = asked.value("lease", "");
  ASSERT_TRUE(scene->Approve("reviewer", id)) << asked;
  const json lease = scene->JsonBy("engineer", {"jit-access", "open", id});
  ASSERT_EQ(lease.value("state", ""), "open") << lease;

  const Said stopped = scene->Psql(lease, "update shop.orders set status = 'returned'");
  EXPECT_NE(stopped.status, 0) << "the guard lets no statement write to the whole table";
  EXPECT_EQ(Checksum(*scene), before);
  EXPECT_EQ(scene->Psql(lease, "update shop.orders set status = 'returned' where id < 4").status,
            0);
  EXPECT_EQ(scene->Psql(lease, "delete from shop.orders where id = 9").status, 0);

  const Said listed = scene->By("engineer", {"jit-access", "changes", id});
  EXPECT_EQ(listed.status, 0) << listed.out << listed.err;
  EXPECT_THAT(listed.out, AllOf(HasSubstr("shop.orders"), HasSubstr("updated"),
                                HasSubstr("deleted"), HasSubstr("where id < 4")));
  const json steps = scene->JsonBy("engineer", {"jit-access", "changes", id});
  ASSERT_EQ(steps["steps"].size(), 2U) << steps;
  const Said rows =
      scene->By("engineer", {"jit-access", "changes", id, "--rows",
                             std::to_string(steps["steps"][0]["sequence"].get<int>())});
  EXPECT_THAT(rows.out, AllOf(HasSubstr("- status  placed"), HasSubstr("+ status  returned")));

  EXPECT_EQ(scene->By("engineer", {"jit-access", "end", id}).status, 0);
  scene->Sql("update shop.orders set status = 'shipped' where id = 2");
  const Said clash = scene->By("engineer", {"jit-access", "undo", id, "--reason", "wrong orders"});
  EXPECT_EQ(clash.status, 3) << clash.out << clash.err;
  EXPECT_THAT(clash.out, HasSubstr("shop.orders  id=2"));
  scene->Sql("update shop.orders set status = 'returned' where id = 2");
  const Said undo = scene->By("engineer", {"jit-access", "undo", id, "--reason", "wrong orders"});
  ASSERT_EQ(undo.status, 5) << undo.out << undo.err;
  EXPECT_TRUE(scene->Approve("reviewer", IdIn(undo)));
  const Said undone = Do(*scene, "apply", IdIn(undo));
  EXPECT_EQ(undone.status, 0) << undone.out << undone.err;
  EXPECT_EQ(Checksum(*scene), before);
}

}  // namespace
}  // namespace jit::end_to_end
