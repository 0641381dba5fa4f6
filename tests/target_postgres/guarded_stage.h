// A stage with guards: tables of app_owner, which jit_owner has joined, and logins under ceilings.
//
// What the broker does here goes through the functions of the kit, called by the broker's login.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/target_postgres/stage.h"

namespace jit::testing {

// Ceilings as they are written in SQL; "null" is none.
struct Ceilings {
  std::string statement_rows = "null";
  std::string session_rows = "null";
  std::string share = "null";
  std::string share_floor = "0";
};

class GuardedStage : public Stage {
 protected:
  void SetUp() override;

  // What the broker's login may ask of the kit; the first value of the answer.
  std::string Broker(const std::string& sql);
  // SQL as the owner of the tables.
  void Owner(const std::string& sql);
  // Gives the group app_writer everything on these tables of app_owner.
  void MakeWritable(const std::string& tables);

  // Opens a login under a guard, with its tables guarded.
  Opened OpenGuarded(const std::string& purpose, const Ceilings& ceilings,
                     const std::string& change = "");
  Opened OpenInteractive(const Ceilings& ceilings) { return OpenGuarded("interactive", ceilings); }
  // A login that runs a change, without ceilings.
  Opened OpenRunner(const std::string& change = "c1") {
    return OpenGuarded("execution", {}, change);
  }
  void AttachAll();

  // Opens a login that may take back what `source` did.
  Opened OpenUndo(const Opened& source, const std::string& on_conflict = "refuse",
                  const std::string& tables = "{}");
  // The last line of jit.undo(false), for example "undone 15", or "ERROR …".
  std::string Undo(const Opened& source, const std::string& on_conflict = "refuse");

  // What every table of app_owner holds, to the letter.
  std::string Checksum();
  std::string StepsOf(const Opened& opened);

  int undos_ = 0;
};

}  // namespace jit::testing
