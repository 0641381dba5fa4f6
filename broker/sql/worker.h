// Reads scripts in a process of their own, since a script can crash the parser.
//
// Promises: one process per script, without environment, files or rights of ours; it is gone when
// Read returns, and collected. What it answers is checked: the statements are the script's own
// bytes and nothing of it is missing. A script that crashes the parser or takes too long is
// kInvalidArgument, the person's to mend; kUnavailable means that no process could be started. Safe
// from any thread.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/sql/script.h"

namespace jit::sql {

class Worker {
 public:
  // The path of the program jit-sql-worker.
  explicit Worker(std::string program) : program_(std::move(program)) {}

  // Waits at most `limit`, by the wall.
  absl::StatusOr<Script> Read(absl::string_view script, absl::Duration limit) const;

 private:
  std::string program_;
};

}  // namespace jit::sql
