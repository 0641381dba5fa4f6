#include "broker/policy_files/read_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jit::policy_files {
namespace {

namespace fs = std::filesystem;

std::string Why(int error) {
  return std::generic_category().message(error);
}

// The names of the policy's files, in order.
absl::StatusOr<std::vector<std::string>> ListToml(const fs::path& directory) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator at(directory, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    std::string name = at->path().filename().string();
    if (absl::EndsWith(name, kPolicySuffix) && !absl::StartsWith(name, ".")) {
      names.push_back(std::move(name));
    }
    if (names.size() > kPolicyFilesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("holds more than ", kPolicyFilesMax, " policy files"));
    }
  }
  if (error) return absl::InvalidArgumentError(absl::StrCat("cannot be read: ", error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> ReadDescriptor(int descriptor) {
  std::string text(kPolicyFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(descriptor, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::UnavailableError(absl::StrCat("cannot be read: ", Why(errno)));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kPolicyFileBytesMax) {
    return absl::InvalidArgumentError("is larger than 1 MiB; split it by target");
  }
  text.resize(size);
  return text;
}

// The text of one file of the folder, whose own path is resolved already.
absl::StatusOr<std::string> ReadFile(const fs::path& directory, const std::string& name) {
  std::error_code error;
  const fs::path real = fs::canonical(directory / name, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot be read: ", error.message()));
  const auto [end, ignored] =
      std::mismatch(directory.begin(), directory.end(), real.begin(), real.end());
  if (end != directory.end()) {
    return absl::InvalidArgumentError(
        "is a link that leads out of the policy's folder; put the file itself there");
  }
  // Non-blocking, so that a pipe of that name is found out instead of waited for.
  const int descriptor = open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0) return absl::UnavailableError(absl::StrCat("cannot be read: ", Why(errno)));
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError("is not a plain file; rename or remove it");
  }
  return ReadDescriptor(descriptor);
}

}  // namespace

PolicyDirectory ReadPolicyDirectory(const std::string& directory) {
  PolicyDirectory read;
  Mistakes mistakes;
  std::error_code error;
  const fs::path real = fs::canonical(directory, error);
  absl::StatusOr<std::vector<std::string>> names =
      error ? absl::InvalidArgumentError(absl::StrCat("cannot be read: ", error.message()))
            : ListToml(real);
  if (!names.ok()) {
    mistakes.Add(Place{directory}, absl::StrCat("the policy's folder ", names.status().message()));
    return {{}, mistakes.Sorted()};
  }
  for (std::string& name : *names) {
    absl::StatusOr<std::string> text = ReadFile(real, name);
    if (!text.ok()) mistakes.Add(Place{name}, absl::StrCat("the file ", text.status().message()));
    read.files.push_back(
        {std::move(name), text.ok() ? std::optional<std::string>(*std::move(text)) : std::nullopt});
  }
  read.mistakes = mistakes.Sorted();
  return read;
}

LoadedPolicy LoadPolicy(const std::string& directory, absl::Duration ttl_floor) {
  PolicyDirectory read = ReadPolicyDirectory(directory);
  LoadedPolicy loaded;
  if (!read.files.empty() || read.mistakes.empty()) {
    loaded.parsed = ParsePolicy(read.files, ttl_floor);
  }
  if (!read.mistakes.empty()) {
    std::vector<Mistake>& all = loaded.parsed.mistakes;
    all.insert(all.end(), read.mistakes.begin(), read.mistakes.end());
    std::sort(all.begin(), all.end());
    loaded.parsed.policy.reset();
  }
  for (FileText& file : read.files) {
    if (absl::EndsWith(file.name, kCasesSuffix)) loaded.cases.push_back(std::move(file));
  }
  return loaded;
}

}  // namespace jit::policy_files
