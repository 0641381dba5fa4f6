// jit-access, for people who need access.
#include <string>
#include <vector>

#include "client/access/program.h"
#include "client/console/machine.h"

int main(int argc, char** argv) {
  jit::console::Console console = jit::console::MachineConsole();
  const jit::access::AccessProgram access;
  return jit::console::RunToTheEnd(access.program(), {argv + 1, argv + argc}, console);
}
