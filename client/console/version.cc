#include "client/console/version.h"

namespace jit::console {

const char* Version() {
  return JIT_VERSION;
}

}  // namespace jit::console
