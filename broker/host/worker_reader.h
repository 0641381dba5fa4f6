// Keeps ports/script_reader.h with the program jit-sql-worker, which lies beside our own.
//
// Promises: as sql/worker.h: every script is read in a process of its own. Safe from any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/ports/script_reader.h"
#include "broker/sql/worker.h"

namespace jit::host {

class WorkerReader : public ports::ScriptReader {
 public:
  explicit WorkerReader(std::string program) : worker_(std::move(program)) {}
  absl::StatusOr<sql::Script> Read(const std::string& script) override;

 private:
  const sql::Worker worker_;
};

// The path of the worker: in the folder of the program that runs. kNotFound when nothing that can
// be executed lies there.
absl::StatusOr<std::string> WorkerBesideUs();

}  // namespace jit::host
