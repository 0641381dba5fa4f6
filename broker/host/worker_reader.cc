#include "broker/host/worker_reader.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace jit::host {
namespace {

// A script of 1 MiB is read in well under a second.
constexpr absl::Duration kReadMax = absl::Seconds(20);

}  // namespace

absl::StatusOr<sql::Script> WorkerReader::Read(const std::string& script) {
  return worker_.Read(script, kReadMax);
}

absl::StatusOr<std::string> WorkerBesideUs() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return absl::NotFoundError("where our own program lies cannot be found out");
  }
  std::string worker = program.parent_path() / "jit-sql-worker";
  if (access(worker.c_str(), X_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("there is no program ", worker));
  }
  return worker;
}

}  // namespace jit::host
