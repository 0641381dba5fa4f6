#include "client/audit/store_copy.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/merkle.h"
#include "broker/ledger/record.h"

namespace jit::audit {
namespace {

using ledger::Verifier;

constexpr std::size_t kDisagreementsMax = 20;

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

// A folder that goes with everything in it.
class ScratchFolder {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchFolder>> Make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "jit-audit.XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
      return absl::UnavailableError("cannot make a temporary folder for a copy of the store");
    }
    return std::unique_ptr<ScratchFolder>(new ScratchFolder(std::move(path)));
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

absl::Status CopyTo(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to, error);
  return error ? absl::UnavailableError(absl::StrCat("cannot copy ", from, ": ", error.message()))
               : absl::OkStatus();
}

// The path as a URI of SQLite, for a file that nobody writes: no lock, no file beside it.
std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '.' ||
                       c == '-' || c == '_';
    const auto byte = static_cast<unsigned char>(c);
    absl::StrAppend(
        &uri, plain ? std::string(1, c) : absl::StrCat("%", absl::Hex(byte, absl::kZeroPad2)));
  }
  return absl::StrCat(uri, "?immutable=1");
}

class StoreCopy : public JournalSource {
 public:
  StoreCopy(Database database, std::unique_ptr<ScratchFolder> scratch, std::uint64_t bytes)
      : scratch_(std::move(scratch)), database_(std::move(database)), bytes_(bytes) {}

  absl::Status ReadLines(const Each& each) override {
    CheckIntegrity();
    const absl::StatusOr<Statement> rows =
        Prepare("select sequence, stream, version, bytes, leaf from records order by sequence");
    if (!rows.ok()) {
      return rows.status();
    }
    int step = SQLITE_OK;
    while ((step = sqlite3_step(rows->get())) == SQLITE_ROW) {
      const std::string line = Bytes(*rows, 3);
      CheckColumns(*rows, line);
      absl::Status status = each(line, Verifier::LineEnd::kNewline);
      if (!status.ok()) {
        return status;
      }
    }
    return step == SQLITE_DONE ? absl::OkStatus() : Damaged();
  }

  absl::StatusOr<std::vector<std::string>> Notes() override {
    std::vector<std::string> notes;
    const absl::StatusOr<Statement> rows = Prepare("select note from checkpoints order by size");
    if (!rows.ok()) {
      return rows.status();
    }
    int step = SQLITE_OK;
    while ((step = sqlite3_step(rows->get())) == SQLITE_ROW) {
      notes.push_back(Bytes(*rows, 0));
    }
    if (step != SQLITE_DONE) {
      Disagree(Damaged());
    }
    return notes;
  }

  std::vector<std::string> Disagreements() const override { return disagreements_; }
  std::uint64_t bytes() const override { return bytes_; }

  // Whether the tables of a jit-broker's journal are there.
  absl::Status CheckTables() {
    for (const char* sql : {"select sequence, stream, version, bytes, leaf from records limit 0",
                            "select size, note from checkpoints limit 0"}) {
      absl::Status status = Prepare(sql).status();
      if (!status.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("this SQLite file is not the store of a jit-broker: ",
                         sqlite3_errmsg(database_.get())));
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<Statement> Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) {
      return Damaged();
    }
    return Statement(statement, sqlite3_finalize);
  }

  absl::Status Damaged() {
    return absl::DataLossError(
        absl::StrCat("the store cannot be read to its end: ", sqlite3_errmsg(database_.get())));
  }

  void Disagree(const absl::Status& status) { Disagree(std::string(status.message())); }
  void Disagree(std::string words) {
    if (disagreements_.size() < kDisagreementsMax) {
      disagreements_.push_back(std::move(words));
    }
  }

  static std::string Bytes(const Statement& row, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row.get(), column));
    const int size = sqlite3_column_bytes(row.get(), column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
  }

  // SQLite's own view of its pages and indexes.
  void CheckIntegrity() {
    const absl::StatusOr<Statement> rows = Prepare("pragma integrity_check(10)");
    if (!rows.ok()) {
      Disagree(rows.status());
      return;
    }
    int step = SQLITE_OK;
    while ((step = sqlite3_step(rows->get())) == SQLITE_ROW) {
      const std::string words = Bytes(*rows, 0);
      if (words != "ok") {
        Disagree(absl::StrCat("SQLite finds the store damaged: ", words));
      }
    }
    if (step != SQLITE_DONE) {
      Disagree(Damaged());
    }
  }

  // The broker finds records by what stands beside them, so that must not say otherwise.
  void CheckColumns(const Statement& row, const std::string& line) {
    const std::int64_t sequence = sqlite3_column_int64(row.get(), 0);
    const absl::StatusOr<ledger::Record> record = ledger::Decode(line);
    if (!record.ok()) {
      return;  // the verifier says so
    }
    const ledger::Hash leaf = ledger::LeafHash(line);
    if (sqlite3_column_type(row.get(), 3) != SQLITE_BLOB || record->sequence != sequence ||
        record->stream != Bytes(row, 1) || record->version != sqlite3_column_int64(row.get(), 2) ||
        Bytes(row, 4) != std::string(leaf.begin(), leaf.end())) {
      Disagree(absl::StrCat("in the store, what stands beside record ", sequence,
                            " is not what is in it"));
    }
  }

  std::unique_ptr<ScratchFolder> scratch_;  // outlives the database in it
  Database database_;
  std::uint64_t bytes_;
  std::vector<std::string> disagreements_;
};

// Where to open: the file itself, or, with a write-ahead log beside it that has to be applied, a
// copy of both, since applying it writes.
struct Place {
  std::string name;
  int flags = 0;
  std::unique_ptr<ScratchFolder> scratch;
};

absl::StatusOr<Place> PlaceOf(const std::string& path) {
  const std::string log = absl::StrCat(path, "-wal");
  std::error_code error;
  const auto log_size = std::filesystem::file_size(log, error);
  if (error || log_size == 0) {
    return Place{ImmutableUri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr};
  }
  absl::StatusOr<std::unique_ptr<ScratchFolder>> scratch = ScratchFolder::Make();
  if (!scratch.ok()) {
    return scratch.status();
  }
  const std::string copy = absl::StrCat((*scratch)->path(), "/store");
  absl::Status status = CopyTo(path, copy);
  status.Update(CopyTo(log, absl::StrCat(copy, "-wal")));
  if (!status.ok()) {
    return status;
  }
  return Place{copy, SQLITE_OPEN_READWRITE, *std::move(scratch)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<JournalSource>> OpenStoreCopy(const std::string& path) {
  absl::StatusOr<Place> place = PlaceOf(path);
  if (!place.ok()) {
    return place.status();
  }
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(place->name.c_str(), &handle, place->flags, nullptr);
  Database database(handle, sqlite3_close_v2);
  if (opened != SQLITE_OK) {
    return absl::UnavailableError(absl::StrCat("cannot open ", path, ": ", sqlite3_errstr(opened)));
  }
  // The file comes from somebody who may mean us harm: no functions from its schema are run.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  auto store = std::make_unique<StoreCopy>(std::move(database), std::move(place->scratch),
                                           error ? 0 : std::uint64_t{bytes});
  absl::Status tables = store->CheckTables();
  if (!tables.ok()) {
    return tables;
  }
  return store;
}

}  // namespace jit::audit
