// Lease events as journal records, and back.
//
// Promises: Decode(Encode(e)) is e, for every event; the bytes of a version never change (golden
// bytes in the tests); an unknown type or version is an error, never a guess. Pure; safe from any
// thread. Field by field in docs/reference/events.md, which a test compares with this room.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/core/lease/event.h"
#include "broker/ledger/record.h"
#include "broker/records/event_codec.h"

namespace jit::records {

// The stream a lease's events are in: "lease/<id>".
std::string StreamOf(const core::LeaseId& lease);

// kInvalidArgument when something would be lost.
absl::StatusOr<EncodedEvent> Encode(const lease::Event& event);

// kDataLoss when the body is not what the type promises; kUnimplemented for a type or version that
// this program does not know (a newer broker wrote it).
absl::StatusOr<lease::Event> Decode(absl::string_view type, absl::string_view body);

// Folds the records of one stream, in order.
absl::StatusOr<lease::Lease> Fold(const std::vector<ledger::Record>& records);

// One sentence about what a record says, for timelines. Free text in it is quoted as it is: whoever
// shows it makes control characters visible. Works on records of any type.
std::string Tell(const ledger::Record& record);

}  // namespace jit::records
