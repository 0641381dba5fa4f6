// From what PostgreSQL and the parser say to what a report says.
//
// Promises: pure; repeats what the author of a script may see and nobody else is shown unmasked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/core/change/report.h"
#include "broker/pq/result.h"
#include "broker/sql/script.h"
#include "broker/target_postgres/run_session.h"

namespace jit::target_postgres {

// A statement that has not run yet. Its findings are told by who had it read.
change::StatementReport ReadingOf(const sql::Statement& statement);

// What a statement leaves behind that no rollback or undo takes away, as far as its text tells.
void TellOf(const sql::Statement& statement, change::Report& report);

// Whether it says SET CONSTRAINTS … DEFERRED.
bool Defers(const sql::Statement& statement);

// What jit.undo_doubts answered, as a sentence.
std::string DoubtText(absl::string_view kind, absl::string_view table, absl::string_view key);

// Cells, one per row: number of the sample, schema, table, verb, column, before, after.
std::vector<change::Sample> SamplesOf(const pq::Result& cells);
change::Sample::Verb VerbOf(absl::string_view op);

// The total cost in what EXPLAIN (FORMAT JSON) answered, rounded.
std::optional<std::int64_t> CostOf(absl::string_view plan);

// An error of a statement with what the server added to it; the SQLSTATE stays with it.
absl::Status WithRemarks(const absl::Status& failed, const RunSession& session);

}  // namespace jit::target_postgres
