// Completion scripts for shells, made from the same table of commands that parses and explains.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace jit {

// To be sourced by bash (4 or newer).
std::string BashCompletion(const CLI::App& app);
// To be sourced by zsh, or put into its $fpath as _jit-broker.
std::string ZshCompletion(const CLI::App& app);

}  // namespace jit
