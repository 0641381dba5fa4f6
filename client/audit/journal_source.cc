#include "client/audit/journal_source.h"

#include <cerrno>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/audit/line_file.h"
#include "client/audit/store_copy.h"

namespace jit::audit {
namespace {

constexpr std::size_t kSmallFileBytesMax = std::size_t{1024} * 1024;
constexpr absl::string_view kStoreMagic("SQLite format 3\0", 16);

// The first bytes of a file, at most so many.
absl::StatusOr<std::string> ReadHead(const std::string& path, std::size_t bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  std::string head(bytes, '\0');
  head.resize(std::fread(head.data(), 1, head.size(), file.get()));
  if (std::ferror(file.get()) != 0) {  // a folder, for one
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  return head;
}

}  // namespace

absl::StatusOr<std::unique_ptr<JournalSource>> OpenJournal(const std::string& path) {
  const absl::StatusOr<std::string> head = ReadHead(path, kStoreMagic.size());
  if (!head.ok()) {
    return head.status();
  }
  return *head == kStoreMagic ? OpenStoreCopy(path) : OpenLineFile(path);
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadHead(path, kSmallFileBytesMax + 1);
  if (text.ok() && text->size() > kSmallFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than 1 MiB"));
  }
  return text;
}

}  // namespace jit::audit
