// The version of the project this was built from.
#pragma once

namespace jit::console {

const char* Version();  // "0.1.0"

}  // namespace jit::console
