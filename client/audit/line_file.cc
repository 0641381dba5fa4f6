#include "client/audit/line_file.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace jit::audit {
namespace {

using ledger::Verifier;

constexpr std::size_t kChunkBytes = std::size_t{1024} * 1024;
// Far above any record. A file with longer lines is something else, and reading it line by line
// would fill the memory.
constexpr std::size_t kLineBytesMax = std::size_t{64} * 1024 * 1024;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

class LineFile : public JournalSource {
 public:
  LineFile(std::string path, File file, std::uint64_t bytes)
      : path_(std::move(path)), file_(std::move(file)), bytes_(bytes) {}

  absl::Status ReadLines(const Each& each) override {
    std::string chunk(kChunkBytes, '\0');
    std::string begun;  // the beginning of a line whose end is in a later chunk
    while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file_.get())) {
      absl::Status status = Split(absl::string_view(chunk).substr(0, size), begun, each);
      if (!status.ok()) {
        return status;
      }
    }
    if (std::ferror(file_.get()) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
    }
    return begun.empty() ? absl::OkStatus() : each(begun, Verifier::LineEnd::kMissing);
  }

  absl::StatusOr<std::vector<std::string>> Notes() override {
    absl::StatusOr<std::string> note = ReadSmallFile(absl::StrCat(path_, ".checkpoint"));
    if (absl::IsNotFound(note.status())) {
      return std::vector<std::string>{};
    }
    if (!note.ok()) {
      return note.status();
    }
    return std::vector<std::string>{*std::move(note)};
  }

  std::uint64_t bytes() const override { return bytes_; }

 private:
  static absl::Status Split(absl::string_view chunk, std::string& begun, const Each& each) {
    while (!chunk.empty()) {
      const std::size_t end = chunk.find('\n');
      const absl::string_view part = chunk.substr(0, end);
      if (begun.size() + part.size() > kLineBytesMax) {
        return absl::DataLossError("this is no journal: a line is longer than 64 MiB");
      }
      if (end == absl::string_view::npos) {
        absl::StrAppend(&begun, part);
        return absl::OkStatus();
      }
      if (!begun.empty()) {
        absl::StrAppend(&begun, part);
      }
      absl::Status status =
          each(begun.empty() ? part : absl::string_view(begun), Verifier::LineEnd::kNewline);
      if (!status.ok()) {
        return status;
      }
      begun.clear();
      chunk.remove_prefix(end + 1);
    }
    return absl::OkStatus();
  }

  std::string path_;
  File file_;
  std::uint64_t bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<JournalSource>> OpenLineFile(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  std::fseek(file.get(), 0, SEEK_END);
  const long end = std::ftell(file.get());
  std::rewind(file.get());
  const std::uint64_t bytes = end > 0 ? static_cast<std::uint64_t>(end) : 0;
  return std::make_unique<LineFile>(path, std::move(file), bytes);
}

}  // namespace jit::audit
