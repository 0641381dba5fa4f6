// jit-audit: reads and verifies exported journals, offline.
#include <string>
#include <vector>

#include "client/audit/commands.h"
#include "client/console/machine.h"

int main(int argc, char** argv) {
  jit::console::Console console = jit::console::MachineConsole();
  jit::audit::Typed typed;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return Number(jit::console::RunProgram(jit::audit::AuditProgram(typed), arguments, console));
}
