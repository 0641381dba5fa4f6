#include "client/access/pass_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace jit::access {
namespace {

std::string FolderFor(const console::Console& console) {
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const std::optional<std::string> path = console.environment(name);
    if (path.has_value() && absl::StartsWith(*path, "/") && ::access(path->c_str(), W_OK) == 0) {
      return *path;
    }
  }
  return "/tmp";
}

std::string Field(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {":", "\\:"}});
}

// libpq looks a Unix socket up under its folder, or under `localhost` when that is the default one.
std::string LinesFor(const v1::Connection& at, const credential::Secret& password) {
  const std::string rest = absl::StrCat(":", at.port(), ":*:", Field(at.login()), ":",
                                        Field(std::string(password.RevealForUse())), "\n");
  std::string lines = absl::StrCat(Field(at.host()), rest);
  if (absl::StartsWith(at.host(), "/")) absl::StrAppend(&lines, "localhost", rest);
  return lines;
}

bool WriteWhole(int fd, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t step = ::write(fd, text.data() + written, text.size() - written);
    if (step <= 0) return false;
    written += static_cast<std::size_t>(step);
  }
  return true;
}

}  // namespace

absl::StatusOr<PassFile> PassFile::Create(const v1::Connection& connection,
                                          const credential::Secret& password,
                                          const console::Console& console) {
  PassFile file;
  std::string pattern = absl::StrCat(FolderFor(console), "/jit-access-XXXXXX");
  if (::mkdtemp(pattern.data()) == nullptr) {
    return absl::InternalError("cannot make a private folder in XDG_RUNTIME_DIR, TMPDIR or /tmp");
  }
  file.folder_ = pattern;
  file.path_ = pattern + "/pgpass";
  const int fd = ::open(file.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        S_IRUSR | S_IWUSR);
  const bool written = fd >= 0 && WriteWhole(fd, LinesFor(connection, password));
  if (fd >= 0) ::close(fd);
  if (!written) return absl::InternalError("cannot write a private password file");
  return file;
}

PassFile::PassFile(PassFile&& other) noexcept
    : folder_(std::exchange(other.folder_, "")), path_(std::exchange(other.path_, "")) {}

PassFile::~PassFile() {
  if (folder_.empty()) return;
  ::unlink(path_.c_str());
  ::rmdir(folder_.c_str());
}

}  // namespace jit::access
