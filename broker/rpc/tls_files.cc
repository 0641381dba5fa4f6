#include "broker/rpc/tls_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/credential/certificate.h"
#include "broker/host/files.h"
#include "broker/ledger/merkle.h"

namespace jit::rpc {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPemBytesMax = std::size_t{1024} * 1024;

absl::Status CannotWrite(const std::string& path, const std::error_code& why) {
  return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", why.message()));
}

// For nobody's eyes but ours. `generation` becomes the time of the file: the watcher tells a change
// between its two reads by comparing times, to the second, and two sets can follow within one.
absl::Status WritePrivately(const std::string& path, const std::string& text, int generation) {
  if (absl::Status written = host::WriteFile(path, text, 0600); !written.ok()) {
    return written;
  }
  const timespec time{generation, 0};
  const timespec times[2] = {time, time};
  if (utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
    return CannotWrite(path, {errno, std::generic_category()});
  }
  return absl::OkStatus();
}

// A folder of ours: not a link, owned by this user, closed to everybody else.
absl::Status MakePrivateFolder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return CannotWrite(folder, {errno, std::generic_category()});
  }
  struct stat found {};
  if (lstat(folder.c_str(), &found) != 0) {
    return CannotWrite(folder, {errno, std::generic_category()});
  }
  const bool ours = S_ISDIR(found.st_mode) && found.st_uid == geteuid();
  if (!ours || chmod(folder.c_str(), 0700) != 0) {
    return absl::UnavailableError(
        absl::StrCat(folder, " is not a folder of the broker's own; name one that is"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsFiles> TlsFiles::Create(TlsSources sources, std::string folder, absl::Time now) {
  if (absl::Status made = MakePrivateFolder(folder); !made.ok()) {
    return made;
  }
  std::error_code ignored;  // what a former run left behind; writing will tell if it is in the way
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    fs::remove_all(entry.path(), ignored);
  }
  TlsFiles files(std::move(sources), std::move(folder));
  if (absl::Status looked = files.Look(now); !looked.ok()) {
    return looked;
  }
  return files;
}

absl::Status TlsFiles::Look(absl::Time now) {
  const absl::StatusOr<Set> set = Read();
  if (!set.ok()) {
    return set.status();
  }
  const std::string digest = ledger::Sha256Hex(absl::StrCat(ledger::Sha256Hex(set->certificate),
                                                            ledger::Sha256Hex(set->key),
                                                            ledger::Sha256Hex(set->authorities)));
  if (digest == published_digest_) {
    return absl::OkStatus();
  }
  const absl::Status good =
      credential::CheckServerPair(set->certificate, set->key, set->authorities, now);
  if (!good.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(sources_.certificate_file, ": ", good.message()));
  }
  if (absl::Status published = Publish(*set); !published.ok()) {
    return published;
  }
  published_digest_ = digest;
  return absl::OkStatus();
}

absl::StatusOr<TlsFiles::Set> TlsFiles::Read() const {
  absl::StatusOr<std::string> certificate = host::ReadFile(sources_.certificate_file, kPemBytesMax);
  if (!certificate.ok()) {
    return certificate.status();
  }
  absl::StatusOr<std::string> key = host::ReadFile(sources_.key_file, kPemBytesMax);
  if (!key.ok()) {
    return key.status();
  }
  absl::StatusOr<std::string> authorities = host::ReadFile(sources_.authorities_file, kPemBytesMax);
  if (!authorities.ok()) {
    return authorities.status();
  }
  return Set{*std::move(certificate), *std::move(key), *std::move(authorities)};
}

absl::Status TlsFiles::Publish(const Set& set) {
  const int next = generation_ + 1;
  const std::string folder = absl::StrCat(folder_, "/", next);
  std::error_code wrong;
  fs::remove_all(folder, wrong);  // left half written by a publication that failed
  if (mkdir(folder.c_str(), 0700) != 0) {
    return CannotWrite(folder, {errno, std::generic_category()});
  }
  const std::pair<const char*, const std::string*> files[] = {
      {"/certificate.pem", &set.certificate},
      {"/key.pem", &set.key},
      {"/authorities.pem", &set.authorities}};
  for (const auto& [name, text] : files) {
    if (absl::Status written = WritePrivately(folder + name, *text, next); !written.ok()) {
      return written;
    }
  }
  const std::string link = absl::StrCat(folder_, "/next");
  fs::remove(link, wrong);
  fs::create_directory_symlink(absl::StrCat(next), link, wrong);
  if (!wrong) {
    fs::rename(link, folder_ + "/current", wrong);
  }
  if (wrong) {
    return CannotWrite(link, wrong);
  }
  generation_ = next;
  // The one before stays for a reader that is in the middle of it.
  fs::remove_all(absl::StrCat(folder_, "/", next - 2), wrong);
  return absl::OkStatus();
}

}  // namespace jit::rpc
