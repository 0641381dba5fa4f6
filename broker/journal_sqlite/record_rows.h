// Records, streams, answers and the tree as rows, one append at a time.
//
// Promises: what is read back has been compared with its leaf hash and with the columns beside it.
// Transactions are the caller's business. Thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/journal_sqlite/database.h"
#include "broker/ledger/merkle.h"
#include "broker/ledger/record.h"
#include "broker/ports/journal.h"

namespace jit::journal_sqlite {

// A record as it is kept.
struct StoredRecord {
  ledger::Record record;
  ledger::Hash leaf;
};

// A signed head as it is kept, with the frontier it was made from.
struct StoredCheckpoint {
  std::string note;
  ledger::Frontier frontier;
};

// kInvalidArgument for what no journal would take, whatever it holds.
absl::Status CheckShape(const ports::Append& append);

// Checks what the append expects, then writes all of it but the tree, into which `frontier` grows.
// The refusals of ports::Journal::Commit; any error may leave part of it written, for the caller to
// roll back, and a frontier to throw away. Returns the new version of the stream.
absl::StatusOr<std::int64_t> WriteAppend(Database& database, const ports::Append& append,
                                         ledger::Frontier& frontier);

absl::StatusOr<std::int64_t> ReadVersion(Database& database, const std::string& stream);
absl::StatusOr<std::optional<ports::Answer>> ReadAnswer(Database& database, const std::string& key);
absl::StatusOr<std::vector<ledger::Record>> ReadStream(Database& database,
                                                       const std::string& stream);

// Records with sequences in [from, to), which must all be there: kDataLoss otherwise.
absl::StatusOr<std::vector<StoredRecord>> ReadRecords(Database& database, std::int64_t from,
                                                      std::int64_t to);
absl::StatusOr<std::int64_t> CountRecords(Database& database);

absl::StatusOr<ledger::Frontier> ReadFrontier(Database& database);
absl::Status WriteFrontier(Database& database, const ledger::Frontier& frontier);

absl::StatusOr<std::optional<StoredCheckpoint>> ReadLastCheckpoint(Database& database);
absl::Status WriteCheckpoint(Database& database, const StoredCheckpoint& checkpoint);

}  // namespace jit::journal_sqlite
