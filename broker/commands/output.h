// How an answer is printed: for a person or for a program.
#pragma once

namespace jit::commands {

enum class Output { kText, kJson };

}  // namespace jit::commands
