#include "broker/journal_sqlite/record_rows.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/journal_sqlite/change_rows.h"
#include "broker/journal_sqlite/summary_rows.h"

namespace jit::journal_sqlite {
namespace {

absl::string_view BytesOf(const ledger::Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

absl::Status SomeoneWasFaster() {
  return core::Refuse(core::Reason::kSomeoneWasFaster,
                      "what this decision looked at has changed meanwhile; look again");
}

// The record in the row that `run` stands on: sequence, stream, version, bytes, leaf.
absl::StatusOr<StoredRecord> RecordOf(const Run& run) {
  const std::string bytes = run.Bytes(3);
  const ledger::Hash leaf = ledger::LeafHash(bytes);
  const std::string where = absl::StrCat("record ", run.Int(0), " of the journal ");
  if (BytesOf(leaf) != absl::string_view(run.Bytes(4))) {
    return absl::DataLossError(absl::StrCat(where, "does not match its hash"));
  }
  absl::StatusOr<ledger::Record> record = ledger::Decode(bytes);
  if (!record.ok()) {
    return absl::DataLossError(absl::StrCat(where, "is malformed: ", record.status().message()));
  }
  if (record->sequence != run.Int(0) || record->stream != run.Bytes(1) ||
      record->version != run.Int(2)) {
    return absl::DataLossError(absl::StrCat(where, "is not where it belongs"));
  }
  return StoredRecord{*std::move(record), leaf};
}

// All rows of a statement that gives records.
absl::StatusOr<std::vector<StoredRecord>> AllRecords(Run& run) {
  std::vector<StoredRecord> records;
  for (absl::StatusOr<bool> row = run.Next();; row = run.Next()) {
    if (!row.ok()) return row.status();
    if (!*row) return records;
    absl::StatusOr<StoredRecord> record = RecordOf(run);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
}

absl::Status CheckExpected(Database& database, const ports::Append& append) {
  if (append.answer.has_value()) {
    const auto answered = ReadAnswer(database, append.answer->key);
    if (!answered.ok()) return answered.status();
    if (answered->has_value()) return absl::AlreadyExistsError("this was answered before");
  }
  const absl::StatusOr<std::int64_t> version = ReadVersion(database, append.stream);
  if (!version.ok()) return version.status();
  if (*version != append.expected_version) return SomeoneWasFaster();
  for (const ports::Expectation& expectation : append.expectations) {
    const absl::StatusOr<std::int64_t> stands = ReadVersion(database, expectation.stream);
    if (!stands.ok()) return stands.status();
    if (*stands != expectation.version) return SomeoneWasFaster();
  }
  return absl::OkStatus();
}

absl::Status WriteVersion(Database& database, const std::string& stream, std::int64_t version) {
  return database.Do("put_stream_version", {absl::string_view(stream), version});
}

absl::Status WriteRecord(Database& database, const ledger::Record& record,
                         ledger::Frontier& frontier) {
  const absl::StatusOr<std::string> bytes = ledger::Encode(record);
  if (!bytes.ok()) return bytes.status();
  const ledger::Hash leaf = ledger::LeafHash(*bytes);
  frontier.Append(leaf);
  return database.Do("add_record", {record.sequence, absl::string_view(record.stream),
                                    record.version, Blob{*bytes}, Blob{BytesOf(leaf)}});
}

absl::Status WriteBeside(Database& database, const ports::Append& append) {
  for (const ports::Expectation& expectation : append.expectations) {
    if (expectation.then == ports::Expectation::Then::kAdvance) {
      const absl::Status advanced =
          WriteVersion(database, expectation.stream, expectation.version + 1);
      if (!advanced.ok()) return advanced;
    }
  }
  if (append.summary.has_value()) {
    const absl::Status kept = WriteSummary(database, *append.summary);
    if (!kept.ok()) return kept;
  }
  if (append.change_summary.has_value()) {
    const absl::Status kept = WriteChangeSummary(database, *append.change_summary);
    if (!kept.ok()) return kept;
  }
  if (append.answer.has_value()) {
    const ports::Answer& answer = *append.answer;
    return database.Do("add_answer",
                       {absl::string_view(answer.key), absl::string_view(answer.fingerprint),
                        absl::string_view(answer.result)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckShape(const ports::Append& append) {
  if (append.records.empty()) {
    return absl::InvalidArgumentError("an append without records");
  }
  if (append.time == absl::InfiniteFuture() || append.time == absl::InfinitePast()) {
    return absl::InvalidArgumentError("an append at an infinite time");
  }
  std::set<std::string> streams = {append.stream};
  for (const ports::Expectation& expectation : append.expectations) {
    if (!streams.insert(expectation.stream).second) {
      return absl::InvalidArgumentError("an append names one stream twice");
    }
  }
  const auto version = append.expected_version + static_cast<std::int64_t>(append.records.size());
  if ((append.summary.has_value() && append.summary->version != version) ||
      (append.change_summary.has_value() && append.change_summary->version != version)) {
    return absl::InvalidArgumentError("the summary is not at the version of its append");
  }
  if (append.summary.has_value()) {
    const absl::Status finite = CheckTimes(*append.summary);
    if (!finite.ok()) return finite;
  }
  return append.change_summary.has_value() ? CheckTimes(*append.change_summary) : absl::OkStatus();
}

absl::StatusOr<std::int64_t> WriteAppend(Database& database, const ports::Append& append,
                                         ledger::Frontier& frontier) {
  const absl::Status expected = CheckExpected(database, append);
  if (!expected.ok()) return expected;
  std::int64_t version = append.expected_version;
  for (const ports::NewRecord& record : append.records) {
    const absl::Status written =
        WriteRecord(database,
                    {.sequence = static_cast<std::int64_t>(frontier.size()),
                     .stream = append.stream,
                     .version = ++version,
                     .time = append.time,
                     .type = record.type,
                     .body = record.body},
                    frontier);
    if (!written.ok()) return written;
  }
  absl::Status written = WriteVersion(database, append.stream, version);
  if (written.ok()) written = WriteBeside(database, append);
  if (!written.ok()) return written;
  return version;
}

absl::StatusOr<std::int64_t> ReadVersion(Database& database, const std::string& stream) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("stream_version");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(stream)});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return *row ? run.Int(0) : 0;
}

absl::StatusOr<std::optional<ports::Answer>> ReadAnswer(Database& database,
                                                        const std::string& key) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("find_answer");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(key)});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<ports::Answer>();
  return std::optional<ports::Answer>({key, run.Bytes(0), run.Bytes(1)});
}

absl::StatusOr<std::vector<ledger::Record>> ReadStream(Database& database,
                                                       const std::string& stream) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("records_of_stream");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {absl::string_view(stream)});
  absl::StatusOr<std::vector<StoredRecord>> stored = AllRecords(run);
  if (!stored.ok()) return stored.status();
  std::vector<ledger::Record> records;
  for (StoredRecord& one : *stored) {
    records.push_back(std::move(one.record));
  }
  return records;
}

absl::StatusOr<std::vector<StoredRecord>> ReadRecords(Database& database, std::int64_t from,
                                                      std::int64_t to) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("records_from");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {from, to});
  absl::StatusOr<std::vector<StoredRecord>> records = AllRecords(run);
  if (records.ok() && std::ssize(*records) != to - from) {
    return absl::DataLossError(
        absl::StrCat("records are missing from the journal between ", from, " and ", to));
  }
  return records;
}

absl::StatusOr<std::int64_t> CountRecords(Database& database) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("count_records");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return run.Int(0);
}

absl::StatusOr<ledger::Frontier> ReadFrontier(Database& database) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("get_frontier");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  return *row ? ledger::Frontier::Deserialize(run.Bytes(0)) : ledger::Frontier();
}

absl::Status WriteFrontier(Database& database, const ledger::Frontier& frontier) {
  const std::string bytes = frontier.Serialize();
  return database.Do("put_frontier", {Blob{bytes}});
}

absl::StatusOr<std::optional<StoredCheckpoint>> ReadLastCheckpoint(Database& database) {
  const absl::StatusOr<sqlite3_stmt*> statement = database.Statement("last_checkpoint");
  if (!statement.ok()) return statement.status();
  Run run(*statement, {});
  const absl::StatusOr<bool> row = run.Next();
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<StoredCheckpoint>();
  absl::StatusOr<ledger::Frontier> frontier = ledger::Frontier::Deserialize(run.Bytes(2));
  if (!frontier.ok()) return frontier.status();
  return std::optional<StoredCheckpoint>({run.Bytes(1), *std::move(frontier)});
}

absl::Status WriteCheckpoint(Database& database, const StoredCheckpoint& checkpoint) {
  const std::string frontier = checkpoint.frontier.Serialize();
  return database.Do("add_checkpoint", {static_cast<std::int64_t>(checkpoint.frontier.size()),
                                        absl::string_view(checkpoint.note), Blob{frontier}});
}

}  // namespace jit::journal_sqlite
