// What was kept instead of destroyed, as a table.
#pragma once

#include "client/console/console.h"
#include "jit/v1/change.pb.h"

namespace jit::access {

void PrintKept(const console::Sink& sink,
               const google::protobuf::RepeatedPtrField<v1::KeptThing>& kept);

}  // namespace jit::access
