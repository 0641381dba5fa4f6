#include "broker/journal_sqlite/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jit::journal_sqlite {
namespace {

// What sql/schema.sql says about itself.
constexpr absl::string_view kApplicationId = "1785295969";
constexpr absl::string_view kSchemaNumber = "1";

// Makes an empty file that only its owner may touch, so that SQLite gives the log beside it the
// same mode. An empty file is an empty database.
absl::Status MakeFile(const std::string& path) {
  const int file =
      open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (file < 0) {
    return errno == EEXIST ? absl::OkStatus()
                           : absl::ErrnoToStatus(
                                 errno, absl::StrCat("the journal ", path, " could not be made"));
  }
  close(file);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int open_folder = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = open_folder >= 0 && fsync(open_folder) == 0;
  const absl::Status status =
      flushed ? absl::OkStatus()
              : absl::ErrnoToStatus(errno, absl::StrCat(folder, " could not be flushed"));
  if (open_folder >= 0) {
    close(open_folder);
  }
  return status;
}

absl::Status Told(const absl::Status& status, const std::string& path) {
  if (status.ok() || TroubleOf(status) == Trouble::kNone) {
    return status;
  }
  if (TroubleOf(status) == Trouble::kInUse) {
    return absl::FailedPreconditionError(
        absl::StrCat("another broker has the journal ", path,
                     " open; two brokers cannot share one file: stop the other one first"));
  }
  return {status.code(),
          absl::StrCat("the journal ", path, " cannot be opened: ", status.message())};
}

absl::Status CheckWal(Database& database) {
  const absl::StatusOr<std::string> mode = database.Ask("pragma journal_mode");
  if (!mode.ok()) return mode.status();
  return *mode == "wal" ? absl::OkStatus()
                        : absl::InternalError("SQLite did not switch to a write-ahead log");
}

// A file that was made and never written to: a new one, or one whose maker died.
absl::StatusOr<bool> IsEmpty(Database& database) {
  const absl::StatusOr<std::string> tables = database.Ask("select count(*) from sqlite_schema");
  if (!tables.ok()) return tables.status();
  const absl::StatusOr<std::string> kind = database.Ask("pragma application_id");
  if (!kind.ok()) return kind.status();
  return *tables == "0" && *kind == "0";
}

absl::Status MakeSchema(Database& database) {
  absl::Status status = database.Do("begin");
  if (status.ok()) status = database.Script("schema");
  if (status.ok()) status = database.Do("commit");
  if (!status.ok() && database.InTransaction()) {
    database.Do("rollback").IgnoreError();
  }
  return status;
}

absl::Status Prepare(Database& database, const std::string& path) {
  absl::Status status = database.Script("hold");
  if (!status.ok()) return status;
  // Nothing is changed in a file that may be somebody else's.
  const absl::StatusOr<bool> empty = IsEmpty(database);
  if (!empty.ok()) return empty.status();
  if (!*empty) status = CheckKind(database, path);
  if (status.ok()) status = database.Script("pragmas");
  if (status.ok()) status = CheckWal(database);
  if (status.ok() && *empty) status = MakeSchema(database);
  // Takes the lock for writing, and keeps it.
  if (status.ok()) status = database.Do("begin");
  if (status.ok()) status = database.Do("commit");
  return status;
}

}  // namespace

absl::Status CheckKind(Database& database, const std::string& path) {
  const absl::StatusOr<std::string> kind = database.Ask("pragma application_id");
  if (!kind.ok()) return kind.status();
  const absl::StatusOr<std::string> schema = database.Ask("pragma user_version");
  if (!schema.ok()) return schema.status();
  if (*kind != kApplicationId) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is a database, but no journal"));
  }
  if (*schema != kSchemaNumber) {
    return absl::FailedPreconditionError(
        absl::StrCat("the journal ", path, " has schema ", *schema, " and this program knows ",
                     kSchemaNumber, "; use the program that wrote it, or a newer one"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Database>> OpenFile(const std::string& path,
                                                   const std::string& vfs) {
  const absl::Status made = MakeFile(path);
  if (!made.ok()) return made;
  absl::StatusOr<std::unique_ptr<Database>> database =
      Database::Open(path, Database::Mode::kOwn, vfs);
  if (!database.ok()) return Told(database.status(), path);
  const absl::Status prepared = Prepare(**database, path);
  if (!prepared.ok()) return Told(prepared, path);
  return database;
}

}  // namespace jit::journal_sqlite
