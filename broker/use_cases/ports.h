// Everything outside that a use case may touch, in one place, by reference.
//
// The owner (main, or a test) keeps all of it alive longer than any use case runs.
#pragma once

#include <map>

#include "broker/core/names.h"
#include "broker/ports/bench.h"
#include "broker/ports/clock.h"
#include "broker/ports/entropy.h"
#include "broker/ports/journal.h"
#include "broker/ports/policy_source.h"
#include "broker/ports/script_reader.h"
#include "broker/ports/target.h"
#include "broker/use_cases/timekeeper.h"

namespace jit::use_cases {

struct Ports {
  ports::Entropy& entropy;
  ports::Journal& journal;
  ports::PolicySource& policy;
  std::map<core::TargetName, ports::Target*> targets;
  Timekeeper& time;
  std::map<core::TargetName, ports::Bench*> benches = {};  // targets without one take no changes
  ports::ScriptReader* reader = nullptr;                   // nobody: no script can be read
};

}  // namespace jit::use_cases
