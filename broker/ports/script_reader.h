// Reads a SQL script: what each statement is and can destroy.
//
// Promises: a script that cannot be understood is the author's trouble, never an outage. Safe from
// any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/sql/script.h"

namespace jit::ports {

class ScriptReader {
 public:
  virtual ~ScriptReader() = default;
  // kInvalidArgument with a sentence for the author (line and column) when it cannot be understood;
  // kUnavailable when there is no parser to ask.
  virtual absl::StatusOr<sql::Script> Read(const std::string& script) = 0;
};

}  // namespace jit::ports
