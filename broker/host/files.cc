#include "broker/host/files.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jit::host {
namespace {

// A file descriptor with one owner.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  const int number_;
};

absl::Status Fault(const std::string& path, absl::string_view what) {
  const std::string sentence = absl::StrCat(path, " ", what);
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat(sentence, ": it is not there"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(absl::StrCat(sentence, ": not allowed"));
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(absl::StrCat(sentence, ": the disk is full"));
    default:
      return absl::UnavailableError(absl::ErrnoToStatus(errno, sentence).message());
  }
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

enum class Privacy { kAnybodys, kOursAlone };

absl::Status CheckFile(const std::string& path, const struct stat& seen, std::size_t bytes_max,
                       Privacy privacy) {
  if (!S_ISREG(seen.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  }
  if (static_cast<std::size_t>(seen.st_size) > bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than ", bytes_max, " bytes"));
  }
  if (privacy == Privacy::kOursAlone && seen.st_uid != geteuid()) {
    return absl::PermissionDeniedError(
        absl::StrCat(path,
                     " holds a secret and belongs to another account; chown it to the account "
                     "that runs this program"));
  }
  if (privacy == Privacy::kOursAlone && (seen.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, " holds a secret and others may touch it; run: chmod 600 ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Read(const std::string& path, std::size_t bytes_max, Privacy privacy) {
  // Not blocking, so that a FIFO put there by mistake is told instead of waited for.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat seen {};
  if (!file.is_open() || fstat(file.number(), &seen) != 0) {
    return Fault(path, "could not be opened");
  }
  const absl::Status fit = CheckFile(path, seen, bytes_max, privacy);
  if (!fit.ok()) {
    return fit;
  }
  // One byte more than allowed, so that a file that grew meanwhile is noticed. Reserved at once, so
  // that a secret leaves no copies behind in memory that was given up.
  std::string content(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.number(), content.data() + size, content.size() - size);
    if (got < 0 && errno != EINTR) {
      OPENSSL_cleanse(content.data(), content.size());
      return Fault(path, "could not be read");
    }
    if (got == 0) {
      break;
    }
    size += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  if (size > bytes_max) {
    OPENSSL_cleanse(content.data(), content.size());
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than ", bytes_max, " bytes"));
  }
  content.resize(size);
  return content;
}

absl::Status WriteAll(int file, absl::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = write(file, content.data(), content.size());
    if (put < 0 && errno != EINTR) {
      return Fault(path, "could not be written");
    }
    content.remove_prefix(put > 0 ? static_cast<std::size_t>(put) : 0);
  }
  return absl::OkStatus();
}

absl::Status WriteNew(const std::string& path, absl::string_view content, mode_t mode) {
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) {
    return Fault(path, "could not be made");
  }
  const absl::Status written = WriteAll(file.number(), content, path);
  if (!written.ok()) {
    return written;
  }
  if (fchmod(file.number(), mode) != 0 || fsync(file.number()) != 0) {
    return Fault(path, "could not be flushed");
  }
  return absl::OkStatus();
}

absl::Status FlushFolder(const std::string& folder) {
  const Descriptor open_folder(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open_folder.is_open() || fsync(open_folder.number()) != 0) {
    return Fault(folder, "could not be flushed");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t bytes_max) {
  return Read(path, bytes_max, Privacy::kAnybodys);
}

absl::StatusOr<credential::Secret> ReadSecretFile(const std::string& path, std::size_t bytes_max) {
  absl::StatusOr<std::string> content = Read(path, bytes_max, Privacy::kOursAlone);
  if (!content.ok()) {
    return content.status();
  }
  return credential::Secret(*std::move(content));
}

absl::Status WriteFile(const std::string& path, absl::string_view content, mode_t mode) {
  const std::string beside = absl::StrCat(path, ".new-", getpid());
  unlink(beside.c_str());  // left by a process of our number that died
  absl::Status status = WriteNew(beside, content, mode);
  if (status.ok() && rename(beside.c_str(), path.c_str()) != 0) {
    status = Fault(path, "could not be replaced");
  }
  if (!status.ok()) {
    unlink(beside.c_str());
    return status;
  }
  return FlushFolder(FolderOf(path));
}

}  // namespace jit::host
