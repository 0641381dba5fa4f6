#include "broker/journal_sqlite/salvage.h"

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/journal_sqlite/database.h"
#include "broker/journal_sqlite/open_file.h"

namespace jit::journal_sqlite {
namespace {

bool HasLog(const std::string& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path + "-wal", none);
  return !none && size > 0;
}

// A log needs an index beside it while it is read. Where none can be made, only a copy without a
// log can be read, as it is.
absl::StatusOr<std::unique_ptr<Database>> OpenCopy(const std::string& path) {
  absl::Status status;
  for (const Database::Mode mode : {Database::Mode::kReadOnly, Database::Mode::kImmutable}) {
    absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(path, mode, "");
    status = database.ok() ? CheckKind(**database, path) : database.status();
    if (status.ok()) return database;
    if (TroubleOf(status) == Trouble::kNone || TroubleOf(status) == Trouble::kCorrupt) break;
    if (HasLog(path)) {
      return absl::FailedPreconditionError(
          "put it into a folder that can be written, its -wal beside it");
    }
  }
  return status;
}

}  // namespace

absl::Status ReadCopy(const std::string& path,
                      const std::function<absl::Status(std::int64_t, absl::string_view)>& each) {
  const absl::StatusOr<std::unique_ptr<Database>> database = OpenCopy(path);
  if (!database.ok()) {
    return {database.status().code(),
            absl::StrCat(path, " cannot be read: ", database.status().message())};
  }
  const absl::StatusOr<sqlite3_stmt*> statement = (*database)->Statement("all_records");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {});
  for (absl::StatusOr<bool> row = run.Next();; row = run.Next()) {
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    const absl::Status taken = each(run.Int(0), run.Bytes(1));
    if (!taken.ok()) return taken;
  }
}

}  // namespace jit::journal_sqlite
