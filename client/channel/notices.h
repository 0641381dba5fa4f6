// Break-glass leases that nobody has reviewed: shown before anything else, so that nobody can say
// they did not see it.
#pragma once

#include <set>
#include <string>

#include "client/console/console.h"

namespace jit::channel {

// `serialized` is a jit.v1.Notices, as in the trailer `jit-notices-bin`; empty shows nothing. Draws
// one box on `err` with every lease in it that is not in `shown`, and adds those to `shown`.
// Something that is no jit.v1.Notices draws a box that says so: silence would hide it.
void ShowNotices(const std::string& serialized, std::set<std::string>& shown,
                 console::Console& console);

}  // namespace jit::channel
