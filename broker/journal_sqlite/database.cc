#include "broker/journal_sqlite/database.h"

#include <sqlite3.h>

#include <cstdlib>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "broker/journal_sqlite/sql_files.h"

namespace jit::journal_sqlite {
namespace {

constexpr absl::string_view kTroublePayload = "jit-access/journal_sqlite/trouble";
constexpr int kBusyMilliseconds = 1000;  // a broker that is just ending may still hold the file

const char* SqlOf(absl::string_view name) {
  for (const auto& [file, text] : kSqlFiles) {
    if (name == file) {
      return text;
    }
  }
  std::abort();
}

Trouble TroubleOfCode(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Trouble::kDiskFull;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Trouble::kReadOnly;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Trouble::kInUse;
    case SQLITE_IOERR:
      return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC ? Trouble::kUnflushed
                                                                          : Trouble::kDiskError;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Trouble::kCorrupt;
    default:
      return Trouble::kOther;
  }
}

absl::string_view WordsFor(Trouble trouble) {
  switch (trouble) {
    case Trouble::kDiskFull:
      return "the disk is full";
    case Trouble::kReadOnly:
      return "the file or its folder is read-only";
    case Trouble::kInUse:
      return "another program has the file open";
    case Trouble::kDiskError:
      return "the disk reported an error";
    case Trouble::kUnflushed:
      return "the disk did not confirm that it has stored what was written";
    case Trouble::kCorrupt:
      return "the file is damaged or not a database";
    case Trouble::kNone:
    case Trouble::kOther:
      break;
  }
  return "the database failed";
}

absl::Status Fault(int code) {
  const Trouble trouble = TroubleOfCode(code);
  const std::string sentence =
      absl::StrCat(WordsFor(trouble), " (SQLite ", code, ": ", sqlite3_errstr(code), ")");
  absl::Status status = trouble == Trouble::kCorrupt ? absl::DataLossError(sentence)
                        : trouble == Trouble::kOther ? absl::InternalError(sentence)
                                                     : absl::UnavailableError(sentence);
  status.SetPayload(kTroublePayload, absl::Cord(absl::StrCat(static_cast<int>(trouble))));
  return status;
}

int BindOne(sqlite3_stmt* statement, int at, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, at, *number);
  }
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    // An empty view may point nowhere, which SQLite would take for null.
    return sqlite3_bind_text64(statement, at, text->empty() ? "" : text->data(), text->size(),
                               SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    return sqlite3_bind_blob64(statement, at, blob->bytes.empty() ? "" : blob->bytes.data(),
                               blob->bytes.size(), SQLITE_TRANSIENT);
  }
  return sqlite3_bind_null(statement, at);
}

}  // namespace

Trouble TroubleOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kTroublePayload);
  return payload.has_value() ? static_cast<Trouble>(std::atoi(std::string(*payload).c_str()))
                             : Trouble::kNone;
}

Run::Run(sqlite3_stmt* statement, std::initializer_list<Value> values)
    : statement_(statement), bound_(SQLITE_OK) {
  int at = 0;
  for (const Value& value : values) {
    const int bound = BindOne(statement_, ++at, value);
    bound_ = bound_ == SQLITE_OK ? bound : bound_;
  }
}

Run::~Run() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

absl::StatusOr<bool> Run::Next() {
  const int code = bound_ == SQLITE_OK ? sqlite3_step(statement_) : bound_;
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  return Fault(code);
}

absl::Status Run::Finish() {
  return Next().status();
}

std::int64_t Run::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Run::MaybeInt(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return Int(column);
}

std::string Run::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode,
                                                         const std::string& vfs) {
  const int flags = (mode == Mode::kOwn ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  // A path is no URI until it is written as one.
  std::string uri = "file:";
  for (const char c : path) {
    uri += c == '?' ? "%3f" : c == '#' ? "%23" : c == '%' ? "%25" : std::string(1, c);
  }
  uri += mode == Mode::kImmutable ? "?immutable=1" : "";
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(uri.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) {
    return Fault(code);
  }
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_wal_hook(handle, &Database::NoteLogPages, database.get());
  return database;
}

Database::~Database() {
  for (const auto& [name, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);
}

int Database::NoteLogPages(void* self, sqlite3*, const char*, int pages) {
  static_cast<Database*>(self)->log_pages_ = pages;
  return SQLITE_OK;
}

absl::Status Database::Script(const char* name) {
  const int code = sqlite3_exec(handle_, SqlOf(name), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Fault(code);
}

absl::StatusOr<sqlite3_stmt*> Database::Statement(const char* name) {
  const auto found = statements_.find(name);
  if (found != statements_.end()) {
    return found->second;
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, SqlOf(name), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    return Fault(code);
  }
  statements_.emplace(name, statement);
  return statement;
}

absl::Status Database::Do(const char* name, std::initializer_list<Value> values) {
  const absl::StatusOr<sqlite3_stmt*> statement = Statement(name);
  return statement.ok() ? Run(*statement, values).Finish() : statement.status();
}

absl::StatusOr<std::string> Database::Ask(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) {
    return Fault(code);
  }
  absl::StatusOr<std::string> answer = std::string();
  {
    Run run(statement, {});
    const absl::StatusOr<bool> row = run.Next();
    if (!row.ok()) {
      answer = row.status();
    } else if (*row) {
      answer = run.Bytes(0);
    }
  }
  sqlite3_finalize(statement);
  return answer;
}

bool Database::InTransaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

absl::Status Database::EmptyLog() {
  log_pages_ = 0;  // tried once; the next commit tells the number again
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Fault(code);
}

void Database::ForgetPages() {
  sqlite3_db_release_memory(handle_);
}

}  // namespace jit::journal_sqlite
