// `jit-broker target …`: the kit for a DBA to read and run, and the doctor's report.
#pragma once

#include <string>
#include <vector>

#include "broker/commands/exit_code.h"
#include "broker/commands/output.h"

namespace jit::commands {

struct KitPrint {
  std::string broker = "jit_broker";  // the broker's login
  std::vector<std::string> groups;    // that leases may be members of
  std::vector<std::string> owners;    // whose tables may be guarded
  std::string longest;                // the longest any lease may live: "8h"; empty: the kit's own
  enum class Part { kTarget, kNeighbour } part = Part::kTarget;
};

// Prints the kit's SQL.
ExitCode PrintKit(const KitPrint& options);

struct DoctorOrder {
  std::string config;
  std::string target;         // empty: all of them
  std::string administrator;  // conninfo of a superuser, for what only they can see; or empty
  Output output = Output::kText;
};

// Prints every right that was proved and every danger that was found, with the SQL that mends it;
// kRefused when a target should not be used as it is.
ExitCode ExamineTargets(const DoctorOrder& order);

}  // namespace jit::commands
