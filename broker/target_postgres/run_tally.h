// Counts what a run has done so far: rows by table, locks, and what no rollback and no undo brings
// back.
//
// Promises: what the guard counted and what changed without a guard are told apart; tables that the
// run has made itself need none. Does no work of the script. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/change/report.h"
#include "broker/pq/result.h"
#include "broker/target_postgres/run_session.h"

namespace jit::target_postgres {

class RunTally {
 public:
  // Which of these tables are seen from outside the transaction: the others were made in it.
  using SeenOutside = std::function<absl::StatusOr<std::set<std::int64_t>>(
      const std::vector<std::int64_t>& tables)>;
  RunTally(RunSession& session, SeenOutside seen_outside)
      : session_(session), seen_outside_(std::move(seen_outside)) {}

  // What happened since the last look, by table. `since`: when the statement looked at began.
  absl::StatusOr<std::vector<change::TableEffect>> Look(absl::Duration since);

  std::int64_t rows() const { return rows_; }
  // The first table that changed without a guard; nothing when all had theirs.
  std::optional<std::string> Unguarded() const;
  // Totals, locks, and the notes on what stays behind.
  void Tell(change::Report& report) const;

 private:
  using Name = std::pair<std::string, std::string>;
  using Effects = std::map<Name, change::TableEffect>;
  struct Bare {  // of one table and verb, in the whole transaction
    Name name;
    std::string op;
    std::int64_t rows = 0;
    bool has_key = true;
    std::int64_t estimate = 0;
  };
  absl::Status AddBare(const std::map<std::pair<std::int64_t, std::string>, Bare>& found,
                       Effects& effects);

  RunSession& session_;
  const SeenOutside seen_outside_;
  std::int64_t newest_ = 0;
  std::int64_t rows_ = 0;
  Effects totals_;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> bare_;
  std::set<std::int64_t> made_here_;
  std::map<std::pair<std::string, std::string>, absl::Duration> locks_;  // since when
  std::set<std::string> numbers_;
  bool large_objects_ = false;
};

}  // namespace jit::target_postgres
