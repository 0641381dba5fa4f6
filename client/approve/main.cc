// jit-approve, for people who decide.
#include <string>
#include <vector>

#include "client/approve/program.h"
#include "client/console/machine.h"

int main(int argc, char** argv) {
  jit::console::Console console = jit::console::MachineConsole();
  const jit::approve::ApproveProgram approve;
  return jit::console::RunToTheEnd(approve.program(), {argv + 1, argv + argc}, console);
}
