// Who may look at whom: the table of the house, and the check of one file against it.
//
// A new room gets a line in the table of floors.cc; nothing else here changes for it.
#pragma once

#include <string>
#include <vector>

#include "tests/house/source_file.h"

namespace jit::house {

// The room a path belongs to: "broker/core", "client/access", "broker" for the files directly in
// broker/. Empty outside broker/ and client/.
std::string RoomOf(const std::string& path);

// Every include of `file` that its room may not make.
std::vector<Finding> CheckFloors(const SourceFile& file);

}  // namespace jit::house
