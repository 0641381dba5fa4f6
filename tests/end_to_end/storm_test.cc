// The broker is killed with signal 9, again and again, at instants nobody chose, while people ask,
// open and give back. Afterwards three accounts of what happened are compared: what the clients
// were told, what the journal says, and what is on the target.

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "tests/end_to_end/scene.h"
#include "tests/testing/thoroughness.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;

// What a client was told and may rely on.
struct Told {
  std::mutex mutex;
  std::set<std::string> filed;   // the broker named the lease
  std::set<std::string> opened;  // the broker said it is open
  std::set<std::string> given_back;
  int calls = 0;
};

void Client(Scene& scene, unsigned seed, const std::atomic<bool>& over, Told& told) {
  std::mt19937 chance(seed);
  while (!over) {
    const bool reads = chance() % 4 != 0;
    const json lease =
        scene.JsonBy("engineer", {"jit-access", "request", "--target", "shop", "--role",
                                  reads ? "reader" : "writer", "--no-wait", "--reason", "a storm"});
    const std::string id = lease.is_object() ? lease.value("lease", "") : "";
    {
      const std::lock_guard lock(told.mutex);
      ++told.calls;
      if (!id.empty()) told.filed.insert(id);
      if (!id.empty() && lease.value("state", "") == "open") told.opened.insert(id);
    }
    if (id.empty() || chance() % 3 == 0) continue;  // some are left as they are
    const Said ended = scene.By("engineer", {"jit-access", reads ? "end" : "withdraw", id});
    const std::lock_guard lock(told.mutex);
    ++told.calls;
    if (ended.status == 0) told.given_back.insert(id);
  }
}

struct Recorded {
  std::set<std::string> types;
};

std::map<std::string, Recorded> ByLease(const std::vector<json>& journal) {
  std::map<std::string, Recorded> leases;
  for (const json& record : journal) {
    const std::string stream = record["stream"];
    if (stream.rfind("lease/", 0) != 0) continue;
    leases[stream.substr(6)].types.insert(record["type"].get<std::string>());
  }
  return leases;
}

TEST(Storm, NoAcknowledgedDecisionIsLostAndNoLoginIsLeftBehind) {
  const auto kills = static_cast<int>(testing::FromEnvironment("JIT_STORM_KILLS", 30));
  const auto seed = static_cast<unsigned>(testing::FromEnvironment("JIT_STORM_SEED", 20261120));
  std::printf("JIT_STORM_KILLS=%d JIT_STORM_SEED=%u\n", kills, seed);
  const std::unique_ptr<Scene> scene = Scene::Make();
  ASSERT_NE(scene, nullptr);
  ASSERT_TRUE(scene->Start());

  std::atomic<bool> over = false;
  Told told;
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < 3; ++i) {
    clients.emplace_back([&, i] { Client(*scene, seed + i, over, told); });
  }
  std::mt19937 chance(seed);
  bool up = true;
  for (int i = 0; i < kills && up; ++i) {
    Pause(std::chrono::milliseconds(20 + chance() % 400));
    scene->Kill();
    up = scene->Start();
  }
  over = true;
  for (std::thread& client : clients) client.join();
  ASSERT_TRUE(up);

  // Everything that was given back goes; what was left open stays.
  const auto settled = [&] {
    const std::vector<json> none;
    const json list =
        scene->JsonBy("manager", {"jit-access", "list", "--all", "--state", "closing"});
    const json off = scene->JsonBy("manager", {"jit-access", "list", "--all", "--state", "off"});
    const json opening =
        scene->JsonBy("manager", {"jit-access", "list", "--all", "--state", "opening"});
    const auto empty = [](const json& answer) {
      return (answer.is_array() && answer.empty()) ||
             (answer.is_object() && answer.contains("leases") && answer["leases"].empty());
    };
    return empty(list) && empty(off) && empty(opening);
  };
  EXPECT_TRUE(Comes(settled, std::chrono::seconds(60))) << "something is still on its way";

  const std::map<std::string, Recorded> journal = ByLease(scene->ExportedJournal());
  for (const std::string& id : told.filed) {
    EXPECT_TRUE(journal.contains(id)) << id << " was named to its holder and is not recorded";
  }
  for (const std::string& id : told.opened) {
    EXPECT_TRUE(journal.at(id).types.contains("lease.opened.v1")) << id;
  }
  for (const std::string& id : told.given_back) {
    EXPECT_TRUE(journal.at(id).types.contains("lease.closing_started.v1") ||
                journal.at(id).types.contains("lease.withdrawn.v1"))
        << id << " was given back and goes on";
  }
  std::set<std::string> open;
  for (const auto& [id, recorded] : journal) {
    if (recorded.types.contains("lease.opened.v1") &&
        !recorded.types.contains("lease.closing_started.v1")) {
      open.insert("jit_" + id);
    }
  }
  EXPECT_EQ(scene->Logins(), open);
  EXPECT_EQ(scene->Sql("select count(*) from pg_roles where rolname ~ '^jit_[a-z2-7]{26}$'"),
            std::to_string(open.size()))
      << "roles that may not log in are left behind";
  std::printf("%d kills, %d calls, %zu leases filed, %zu opened, %zu given back, %zu still open\n",
              kills, told.calls, told.filed.size(), told.opened.size(), told.given_back.size(),
              open.size());
  EXPECT_GT(told.opened.size(), static_cast<std::size_t>(kills) / 4) << "too little happened";
}

}  // namespace
}  // namespace jit::end_to_end
