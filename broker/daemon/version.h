// The version this program was built as.
#pragma once

namespace jit::daemon {

constexpr char kVersion[] = "0.1.0";

}  // namespace jit::daemon
