// What somebody who watches a run in this process is told, and may ask of it.
//
// Promises nothing about when: called from the run's own thread, between its statements.
#pragma once

#include "broker/ports/bench.h"

namespace jit::use_cases {

class RunView {
 public:
  virtual ~RunView() = default;
  virtual void Progress(const ports::RunProgress& progress) = 0;
  // Whether somebody wants the run to stop; it rolls back then.
  virtual bool Cancelled() = 0;
};

}  // namespace jit::use_cases
