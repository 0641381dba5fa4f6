#include "broker/development/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace jit::development {
namespace {

constexpr std::size_t kFileBytesMax = 1024 * 1024;

absl::Status Failed(absl::string_view verb, const std::string& path) {
  return absl::UnavailableError(absl::StrCat("cannot ", verb, " ", path, ": ", strerror(errno)));
}

absl::Status WriteAll(int file, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return Failed("write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Folder> Folder::Open(absl::string_view path) {
  std::error_code error;
  const std::filesystem::path absolute =
      std::filesystem::absolute(std::filesystem::path(std::string(path)), error).lexically_normal();
  if (error || path.empty()) {
    return absl::InvalidArgumentError("the folder has no usable path");
  }
  std::string text = absolute.string();
  while (text.size() > 1 && text.back() == '/') {
    text.pop_back();
  }
  std::filesystem::create_directories(text, error);
  if (!std::filesystem::is_directory(text)) {
    return absl::FailedPreconditionError(
        absl::StrCat(text, " cannot be used as a folder: ", error.message()));
  }
  if (chmod(text.c_str(), 0711) != 0) {
    return Failed("set the mode of", text);
  }
  return Folder(std::move(text));
}

std::string Folder::PathOf(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

bool Folder::Has(absl::string_view name) const {
  std::error_code error;
  return std::filesystem::exists(PathOf(name), error);
}

absl::Status Folder::Write(absl::string_view name, absl::string_view bytes, Privacy privacy) const {
  const std::string path = PathOf(name);
  const std::string beside = path + ".new";
  unlink(beside.c_str());
  const mode_t mode = privacy == Privacy::kPrivate ? 0600 : 0644;
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) {
    return Failed("write", beside);
  }
  absl::Status written = WriteAll(file, bytes, beside);
  if (written.ok() && fchmod(file, mode) != 0) {
    written = Failed("set the mode of", beside);
  }
  if (close(file) != 0 && written.ok()) {
    written = Failed("write", beside);
  }
  if (written.ok() && rename(beside.c_str(), path.c_str()) != 0) {
    written = Failed("put in place", path);
  }
  if (!written.ok()) {
    unlink(beside.c_str());
  }
  return written;
}

absl::StatusOr<std::string> Folder::Read(absl::string_view name) const {
  const std::string path = PathOf(name);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) {
      return absl::NotFoundError(absl::StrCat(path, " is not there"));
    }
    return Failed("read", path);
  }
  std::string bytes;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0 || bytes.size() > kFileBytesMax) {
      const absl::Status failed = got < 0 ? Failed("read", path) : absl::OkStatus();
      close(file);
      if (!failed.ok()) {
        return failed;
      }
      break;
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (bytes.size() > kFileBytesMax) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is larger than expected"));
  }
  return bytes;
}

}  // namespace jit::development
