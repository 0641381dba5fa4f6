// The question before something is signed.
//
// Promises: anything but a typed yes is a no, and says that nothing was signed. One thread.
#pragma once

#include "absl/strings/string_view.h"
#include "client/console/console.h"

namespace jit::approve {

// Asks `question` on the terminal. A no says `declined`, a sentence; without anybody to ask it says
// how a script does it.
bool TypesYes(absl::string_view question, absl::string_view declined, console::Console& console);

}  // namespace jit::approve
