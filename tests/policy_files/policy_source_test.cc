#include "broker/policy_files/policy_source.h"

#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "broker/policy_files/read_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy_files/small_policy.h"

namespace jit::policy_files {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A folder of our own under the system's place for temporary files, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "jit-policy-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      std::abort();
    }
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  void Write(const std::vector<FileText>& files) const {
    for (const FileText& file : files) {
      Write(file.name, *file.text);
    }
  }

 private:
  fs::path path_;
};

TEST(FilePolicySource, ReadsTheFolder) {
  const Folder folder;
  folder.Write(SmallPolicy());
  folder.Write("README.md", "not a policy");
  folder.Write(".shop.toml.swp.toml", "what an editor left");
  folder.Write("shop.cases.toml", "cases = []");
  const auto source = FilePolicySource::Create(folder.path().string(), kTtlFloor);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->Current()->targets.size(), 1u);
  EXPECT_EQ((*source)->Current()->fingerprint,
            ParsePolicy(SmallPolicy(), kTtlFloor).policy->fingerprint);
}

TEST(FilePolicySource, DoesNotStartWithABadPolicy) {
  const Folder folder;
  folder.Write(SmallPolicyWith("shop.toml", "default = \"30m\"", "default = \"0m\""));
  const auto source = FilePolicySource::Create(folder.path().string(), kTtlFloor);
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("shop.toml:4:11: 'default'"));
}

TEST(FilePolicySource, NamesAFolderThatIsNotThere) {
  const auto source = FilePolicySource::Create("/nowhere/at/all", kTtlFloor);
  EXPECT_EQ(std::string(source.status().message()),
            "/nowhere/at/all:1:1: the policy's folder cannot be read: No such file or directory");
}

TEST(FilePolicySource, AReloadPutsTheNewPolicyInForceAndKeepsWhatIsInUse) {
  const Folder folder;
  folder.Write(SmallPolicy());
  const auto source = FilePolicySource::Create(folder.path().string(), kTtlFloor);
  ASSERT_TRUE(source.ok()) << source.status();
  const std::shared_ptr<const policy::Policy> in_use = (*source)->Current();
  folder.Write(SmallPolicyWith("people.toml", "waiting_leases = 5", "waiting_leases = 6"));
  EXPECT_EQ((*source)->Current()->limits.waiting_leases_max, 5);
  EXPECT_TRUE((*source)->Reload().ok());
  EXPECT_EQ((*source)->Current()->limits.waiting_leases_max, 6);
  EXPECT_EQ(in_use->limits.waiting_leases_max, 5);
}

TEST(FilePolicySource, ABadFileLeavesTheOldPolicyInForceAndSaysEverythingThatIsWrong) {
  const Folder folder;
  folder.Write(SmallPolicy());
  const auto source = FilePolicySource::Create(folder.path().string(), kTtlFloor);
  ASSERT_TRUE(source.ok()) << source.status();
  const std::string before = (*source)->Current()->fingerprint;
  folder.Write(SmallPolicyWith("people.toml", "waiting_leases = 5", "waiting_leases = 6"));
  folder.Write("stock.toml", "[roles\n");
  folder.Write("store.toml", "roles = 1\n");
  const absl::Status status = (*source)->Reload();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("stock.toml:1:"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("store.toml:1:9: 'roles' of store.toml"));
  EXPECT_EQ((*source)->Current()->fingerprint, before);
  fs::remove(folder.path() / "stock.toml");
  fs::remove(folder.path() / "store.toml");
  EXPECT_TRUE((*source)->Reload().ok());
  EXPECT_NE((*source)->Current()->fingerprint, before);
}

TEST(FilePolicySource, NobodyEverSeesHalfAPolicy) {
  const Folder first;
  first.Write(SmallPolicy());
  const Folder second;
  second.Write(SmallPolicyWith("people.toml", "waiting_leases = 5", "waiting_leases = 6"));
  const Folder place;
  const fs::path current = place.path() / "current";
  const auto point_at = [&](const fs::path& target) {
    fs::create_directory_symlink(target, place.path() / "next");
    fs::rename(place.path() / "next", current);
  };
  point_at(first.path());
  const auto source = FilePolicySource::Create(current.string(), kTtlFloor);
  ASSERT_TRUE(source.ok()) << source.status();
  const std::string one = (*source)->Current()->fingerprint;
  const std::string other =
      ParsePolicy(SmallPolicyWith("people.toml", "waiting_leases = 5", "waiting_leases = 6"),
                  kTtlFloor)
          .policy->fingerprint;

  std::atomic<bool> stop{false};
  std::atomic<int> strange{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const std::string seen = (*source)->Current()->fingerprint;
        if (seen != one && seen != other) {
          ++strange;
        }
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    point_at(i % 2 == 0 ? second.path() : first.path());
    EXPECT_TRUE((*source)->Reload().ok());
    EXPECT_EQ((*source)->Current()->fingerprint, i % 2 == 0 ? other : one);
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(strange, 0);
}

std::string MistakesIn(const Folder& folder) {
  const LoadedPolicy loaded = LoadPolicy(folder.path().string(), kTtlFloor);
  EXPECT_FALSE(loaded.parsed.policy.has_value());
  return TextOf(loaded.parsed.mistakes);
}

TEST(PolicyDirectory, RefusesAFileAboveOneMebibyte) {
  const Folder folder;
  folder.Write(SmallPolicy());
  folder.Write("shop.toml", kSmallShop + std::string(kPolicyFileBytesMax, '#'));
  EXPECT_EQ(MistakesIn(folder), "shop.toml:1:1: the file is larger than 1 MiB; split it by target");
}

TEST(PolicyDirectory, RefusesALinkThatLeadsOut) {
  const Folder elsewhere;
  elsewhere.Write(SmallPolicy());
  const Folder folder;
  folder.Write("people.toml", kSmallPeople);
  fs::create_symlink(elsewhere.path() / "shop.toml", folder.path() / "shop.toml");
  EXPECT_EQ(MistakesIn(folder),
            "shop.toml:1:1: the file is a link that leads out of the policy's folder; put the file "
            "itself there");
}

TEST(PolicyDirectory, FollowsALinkThatStaysInside) {
  const Folder folder;
  fs::create_directory(folder.path() / "..2026_11_20");
  for (const FileText& file : SmallPolicy()) {
    std::ofstream(folder.path() / "..2026_11_20" / file.name) << *file.text;
    fs::create_symlink(fs::path("..2026_11_20") / file.name, folder.path() / file.name);
  }
  EXPECT_TRUE(LoadPolicy(folder.path().string(), kTtlFloor).parsed.policy.has_value());
}

TEST(PolicyDirectory, RefusesWhatIsNoPlainFile) {
  const Folder folder;
  folder.Write(SmallPolicy());
  ASSERT_EQ(mkfifo((folder.path() / "pipe.toml").c_str(), 0600), 0);
  fs::create_directory(folder.path() / "folder.toml");
  EXPECT_EQ(MistakesIn(folder),
            "folder.toml:1:1: the file is not a plain file; rename or remove it\n"
            "pipe.toml:1:1: the file is not a plain file; rename or remove it");
}

TEST(PolicyDirectory, NamesALinkToNothing) {
  const Folder folder;
  folder.Write("shop.toml", kSmallShop);
  fs::create_symlink("nothing", folder.path() / "people.toml");
  EXPECT_EQ(MistakesIn(folder),
            "people.toml:1:1: the file cannot be read: No such file or directory");
}

}  // namespace
}  // namespace jit::policy_files
