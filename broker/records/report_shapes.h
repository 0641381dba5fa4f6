// The JSON of what a script did: reports, findings, expectations.
//
// Promises: each From is the inverse of its To; a From throws Mismatch, which stays in this room.
// Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/core/change/expectation.h"
#include "broker/core/change/report.h"
#include "broker/ledger/canonical_json.h"

namespace jit::records {

ledger::Json ReportToJson(const change::Report& report);
change::Report ReportFromJson(const ledger::Json& json);

// A report or null.
ledger::Json ReportOrNullToJson(const std::optional<change::Report>& report);
std::optional<change::Report> ReportOrNullFromJson(const ledger::Json& json);

ledger::Json FindingsToJson(const std::vector<change::Finding>& findings);
std::vector<change::Finding> FindingsFromJson(const ledger::Json& json);

ledger::Json ExpectationsToJson(const std::vector<change::Expectation>& expectations);
std::vector<change::Expectation> ExpectationsFromJson(const ledger::Json& json);

ledger::Json MissesToJson(const std::vector<change::Miss>& misses);
std::vector<change::Miss> MissesFromJson(const ledger::Json& json);

std::string SeverityWord(change::Severity severity);  // note, warning, danger, refused

// SHA-256 hex of the report's canonical JSON. kInvalidArgument for one that has none.
absl::StatusOr<std::string> ReportDigest(const change::Report& report);

}  // namespace jit::records
