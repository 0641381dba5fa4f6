// A shop with one of everything that can be destroyed, and what looks at all of it.
//
// Knows the quarantine's functions and no test. Thread-compatible.
#pragma once

#include <string>

#include "tests/target_postgres/stage.h"

namespace jit::testing {

// The lines that are in one of the two only.
std::string Difference(const std::string& before, const std::string& after);

class Keep : public Stage {
 protected:
  void SetUp() override;

  // A login that runs a change, as a member of the owner.
  Opened Runner(const std::string& change, const std::string& purpose = "execution");

  // A call of jit.keep; the options are words: arguments if_exists cascade restart.
  static std::string Call(const std::string& loss, const std::string& schema,
                          const std::string& name, const std::string& part = "",
                          const std::string& options = "");

  // Everything that the catalog says about the shop, and every row in it.
  std::string Snapshot() { return Sql("select * from watching.snapshot()"); }

  // Takes back everything that is still to be taken back, newest first; answers the conflicts.
  std::string Undo();
  std::string InQuarantine();
};

}  // namespace jit::testing
