// Summaries of changes as rows of the table changes, and the questions about them.
//
// Promises: ReadChangeSummary(WriteChangeSummary(s)) is s, to the microsecond. Thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/journal_sqlite/database.h"
#include "broker/ports/journal.h"

namespace jit::journal_sqlite {

// kInvalidArgument when a time in it is infinite.
absl::Status CheckTimes(const ports::ChangeSummary& summary);

// Makes or replaces the row of this change.
absl::Status WriteChangeSummary(Database& database, const ports::ChangeSummary& summary);

// kDataLoss when a row holds what cannot have been written.
absl::StatusOr<std::optional<ports::ChangeSummary>> ReadChangeSummary(Database& database,
                                                                      const core::ChangeId& id);

// Newest first. kInvalidArgument when the limit is out of range.
absl::StatusOr<std::vector<ports::ChangeSummary>> ReadChangeSummaries(
    Database& database, const ports::ChangeFilter& filter);

absl::StatusOr<std::int64_t> CountWaitingChangeRows(Database& database,
                                                    const core::PersonId& person);

}  // namespace jit::journal_sqlite
