// Lease summaries as rows of the table leases, and the questions about them.
//
// Promises: ReadSummary(WriteSummary(s)) is s, to the microsecond. Thread-compatible.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/journal_sqlite/database.h"
#include "broker/ports/journal.h"

namespace jit::journal_sqlite {

constexpr int kPageMax = 10'000;

// kInvalidArgument when a time in it is infinite.
absl::Status CheckTimes(const ports::LeaseSummary& summary);

// Makes or replaces the row of this lease.
absl::Status WriteSummary(Database& database, const ports::LeaseSummary& summary);

// kDataLoss when a row holds what cannot have been written.
absl::StatusOr<std::optional<ports::LeaseSummary>> ReadSummary(Database& database,
                                                               const core::LeaseId& id);

// Newest first. kInvalidArgument when the limit is out of range.
absl::StatusOr<std::vector<ports::LeaseSummary>> ReadSummaries(Database& database,
                                                               const ports::SummaryFilter& filter);

absl::StatusOr<std::int64_t> CountWaitingRows(Database& database, const core::PersonId& person);

}  // namespace jit::journal_sqlite
