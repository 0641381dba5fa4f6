// What a script did when it ran: the thing a reviewer signs and an execution is compared with.
//
// Promises: plain values. Made by whoever ran the script; the same form for a rehearsal and for an
// execution.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace jit::change {

struct RowCounts {
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t total() const { return inserted + updated + deleted; }
  friend bool operator==(const RowCounts&, const RowCounts&) = default;
};

// What happened to one table; a partitioned table stands for its partitions.
struct TableEffect {
  std::string schema;
  std::string table;
  RowCounts direct;                // by the script's own statements
  RowCounts cascaded;              // by foreign keys
  RowCounts triggered;             // by triggers, rules and functions they call
  bool guarded = true;             // false: changed without an image, so it cannot be taken back
  bool has_key = true;             // false: no primary key
  std::int64_t rows_estimate = 0;  // in the table before; 0 when unknown
  RowCounts sum() const {
    return {direct.inserted + cascaded.inserted + triggered.inserted,
            direct.updated + cascaded.updated + triggered.updated,
            direct.deleted + cascaded.deleted + triggered.deleted};
  }
  friend bool operator==(const TableEffect&, const TableEffect&) = default;
};

enum class Severity { kNote, kWarning, kDanger, kRefused };
struct Finding {
  std::string code;  // docs/reference/findings.md
  Severity severity = Severity::kWarning;
  int line = 1;
  std::string why;
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct StatementReport {
  int line = 1;
  std::string kind;       // `update`
  std::string tag;        // `UPDATE`
  std::string text;       // the statement's own bytes
  std::int64_t rows = 0;  // as PostgreSQL's command tag says
  absl::Duration elapsed;
  std::optional<std::int64_t> plan_cost;  // of EXPLAIN, rounded; nothing when it cannot be had
  std::vector<TableEffect> tables;
  std::vector<Finding> findings;
  std::string kept;  // what was kept instead of destroyed, one sentence, or empty
  friend bool operator==(const StatementReport&, const StatementReport&) = default;
};

// One row before and after; a column that did not change is in both.
struct Cell {
  std::string column;
  std::optional<std::string> before;  // nothing: NULL, or no row
  std::optional<std::string> after;
  friend bool operator==(const Cell&, const Cell&) = default;
};
struct Sample {
  std::string schema;
  std::string table;
  enum class Verb { kInserted, kUpdated, kDeleted } verb = Verb::kUpdated;
  std::vector<Cell> cells;
  friend bool operator==(const Sample&, const Sample&) = default;
};

struct LockTaken {
  std::string object;
  std::string mode;  // `RowExclusiveLock`
  absl::Duration held;
  friend bool operator==(const LockTaken&, const LockTaken&) = default;
};

struct ObjectEffect {
  enum class What { kCreated, kAltered, kDestroyed } what = What::kAltered;
  std::string kind;  // as the schema fingerprint says: `relation`, `column`
  std::string name;
  friend bool operator==(const ObjectEffect&, const ObjectEffect&) = default;
};

// A row that an undo would meet changed since.
struct Conflict {
  std::string table;
  std::string key;
  std::string what;  // one sentence
  friend bool operator==(const Conflict&, const Conflict&) = default;
};

struct Report {
  std::vector<StatementReport> statements;
  std::vector<TableEffect> tables;  // totals, sorted by schema and table
  std::vector<Sample> samples;
  std::vector<LockTaken> locks;
  std::vector<ObjectEffect> objects;
  std::vector<Conflict> conflicts;         // of an undo
  std::vector<std::string> not_rehearsed;  // what could not be rehearsed and why
  std::vector<std::string> undo_cannot;    // what an undo will not bring back and why
  absl::Duration elapsed;
  friend bool operator==(const Report&, const Report&) = default;
};

}  // namespace jit::change
