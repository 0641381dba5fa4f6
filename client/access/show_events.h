// The records of a lease or a change, as a table or as JSON.
#pragma once

#include <string>

#include "client/console/console.h"
#include "jit/v1/lease.pb.h"
#include "jit/v1/lease_service.pb.h"

namespace jit::access {

// `what` is the key of the id in JSON.
void ShowEvents(const std::string& what, const std::string& id,
                const google::protobuf::RepeatedPtrField<v1::TimelineEvent>& events,
                console::Output output, console::Console& console);

}  // namespace jit::access
