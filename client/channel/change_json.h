// Messages about guarded changes as JSON, and what a reviewer signs as messages.
//
// Promises: keys are the fields' names in change.proto, with `_seconds` behind a duration's name
// and `change` for a change's own id; a key is always there, null when there is nothing. Words of
// an enumeration are in lower case without their prefix. Safe from any thread.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "jit/v1/change.pb.h"

namespace jit::channel {

nlohmann::json MessageJson(const google::protobuf::Message& message);
nlohmann::json ChangeJson(const v1::Change& change);

// "rolled_back", "danger"; "unknown" for a value this program does not know, and for none.
std::string EnumWord(const google::protobuf::EnumDescriptor& enumeration, int value);

// The other way round, from the shape of a signed statement, where a duration is a number of
// microseconds named `..._us`. kInvalidArgument when there is anything in `json` that does not fit
// into the message: what cannot be shown must not be signed.
absl::Status MessageFromJson(const nlohmann::json& json, google::protobuf::Message& message);

}  // namespace jit::channel
