// SQLite made safe: one connection, prepared statements, and every error as a status.
//
// Promises: values are bound, never pasted; an error names what was tried and what SQLite calls the
// trouble, never a value. Knows no journal. Thread-compatible: the owner locks.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace jit::journal_sqlite {

// Bytes that are not text.
struct Blob {
  absl::string_view bytes;
};

// What can be bound: nothing, a number, text, bytes.
using Value = std::variant<std::monostate, std::int64_t, absl::string_view, Blob>;

// What went wrong below a status of this room; kNone for statuses from elsewhere.
enum class Trouble {
  kNone,
  kDiskFull,
  kReadOnly,
  kInUse,      // another process, or another connection of this one, holds the file
  kDiskError,  // a read or write failed
  kUnflushed,  // the disk did not confirm a flush: nobody knows what it holds
  kCorrupt,    // the file is not what it was, or no database at all
  kOther,
};
Trouble TroubleOf(const absl::Status& status);

// One run of a statement. Ends with this object; the statement can be run again then, not before.
class Run {
 public:
  Run(sqlite3_stmt* statement, std::initializer_list<Value> values);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run();

  // Goes to the next row; false when there is none.
  absl::StatusOr<bool> Next();
  // Runs a statement that gives no rows.
  absl::Status Finish();

  // Columns of the row, from 0. Text and bytes are copied.
  std::int64_t Int(int column) const;
  std::optional<std::int64_t> MaybeInt(int column) const;
  std::string Bytes(int column) const;

 private:
  sqlite3_stmt* const statement_;
  int bound_;
};

class Database {
 public:
  enum class Mode {
    kOwn,        // read and write, made when it is not there
    kReadOnly,   // somebody's copy
    kImmutable,  // a copy on a medium that cannot be written at all; its log is not looked at
  };

  // `vfs` names the SQLite file layer; empty: the system's. kNotFound, kPermissionDenied,
  // kUnavailable, kDataLoss (no database).
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode,
                                                        const std::string& vfs);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Runs sql/<name>.sql, several statements without values, and does not look at rows.
  absl::Status Script(const char* name);
  // The statement of sql/<name>.sql, prepared once. A name without a file is a bug.
  absl::StatusOr<sqlite3_stmt*> Statement(const char* name);
  // Prepares and runs sql/<name>.sql, which gives no rows.
  absl::Status Do(const char* name, std::initializer_list<Value> values = {});
  // The first column of the only row of `sql`, which is ours and constant.
  absl::StatusOr<std::string> Ask(const char* sql);

  bool InTransaction() const;
  // Pages in the write-ahead log that are not in the file yet.
  int LogPages() const { return log_pages_; }
  // Moves the log into the file, as far as it goes without waiting.
  absl::Status EmptyLog();
  // Gives up every clean page, so that the next read comes from the file.
  void ForgetPages();

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  static int NoteLogPages(void* self, sqlite3*, const char*, int pages);

  sqlite3* const handle_;
  std::map<std::string, sqlite3_stmt*> statements_;
  int log_pages_ = 0;
};

}  // namespace jit::journal_sqlite
