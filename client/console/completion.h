// Completion scripts for shells, made from the same table that parses and explains.
#pragma once

#include <string>
#include <vector>

#include "client/console/command_line.h"

namespace jit::console {

// A script to be sourced by bash (4 or newer), or to be put into zsh's $fpath.
std::string BashCompletion(const Program& program);
std::string ZshCompletion(const Program& program);

// What `PROGRAM completion SHELL` does.
ExitCode PrintCompletion(const Program& program, const std::vector<std::string>& shell,
                         Console& console);

}  // namespace jit::console
