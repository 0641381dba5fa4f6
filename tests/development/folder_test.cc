#include "broker/development/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace jit::development {
namespace {

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string pattern = testing::TempDir() + "jit-folder-XXXXXX";
    place_ = mkdtemp(pattern.data());
  }
  ~FolderTest() override { std::filesystem::remove_all(place_); }
  std::string place_;
};

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

TEST_F(FolderTest, KeepsPrivateFilesToItsOwner) {
  const absl::StatusOr<Folder> folder = Folder::Open(place_ + "/new/one/");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->path(), place_ + "/new/one");
  ASSERT_TRUE(folder->Write("secret", "s", Privacy::kPrivate).ok());
  ASSERT_TRUE(folder->Write("open", "o", Privacy::kReadable).ok());
  EXPECT_EQ(ModeOf(folder->PathOf("secret")), 0600U);
  EXPECT_EQ(ModeOf(folder->PathOf("open")), 0644U);
  EXPECT_EQ(*folder->Read("secret"), "s");
}

TEST_F(FolderTest, AFileThatWasReadableBecomesPrivateWhenWrittenSo) {
  const absl::StatusOr<Folder> folder = Folder::Open(place_);
  ASSERT_TRUE(folder->Write("file", "1", Privacy::kReadable).ok());
  ASSERT_TRUE(folder->Write("file", "2", Privacy::kPrivate).ok());
  EXPECT_EQ(ModeOf(folder->PathOf("file")), 0600U);
  EXPECT_EQ(*folder->Read("file"), "2");
}

TEST_F(FolderTest, DoesNotWriteThroughALinkThatSomebodyPutThere) {
  const absl::StatusOr<Folder> folder = Folder::Open(place_);
  std::filesystem::create_symlink(place_ + "/elsewhere", place_ + "/file.new");
  ASSERT_TRUE(folder->Write("file", "mine", Privacy::kPrivate).ok());
  EXPECT_FALSE(folder->Has("elsewhere"));
  EXPECT_EQ(*folder->Read("file"), "mine");
}

TEST_F(FolderTest, SaysWhichFileIsMissing) {
  const absl::StatusOr<Folder> folder = Folder::Open(place_);
  const absl::Status missing = folder->Read("nothing").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_EQ(missing.message(), place_ + "/nothing is not there");
}

TEST_F(FolderTest, IsNotMadeOverAFile) {
  const absl::StatusOr<Folder> folder = Folder::Open(place_);
  ASSERT_TRUE(folder->Write("file", "1", Privacy::kReadable).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Folder::Open(place_ + "/file").status()));
}

}  // namespace
}  // namespace jit::development
