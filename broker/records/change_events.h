// Events of guarded changes as journal records, and back.
//
// Promises: DecodeChange(Encode(e)) is e, for every event; the bytes of a version never change
// (golden bytes in the tests); an unknown type or version is an error, never a guess. Pure; safe
// from any thread. Field by field in docs/reference/events.md, which a test compares with this
// room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/core/change/event.h"
#include "broker/ledger/record.h"
#include "broker/records/event_codec.h"

namespace jit::records {

// The stream a change's events are in: "change/<id>".
std::string StreamOf(const core::ChangeId& change);

// kInvalidArgument when something would be lost.
absl::StatusOr<EncodedEvent> Encode(const change::Event& event);

// kDataLoss when the body is not what the type promises; kUnimplemented for a type or version that
// this program does not know (a newer broker wrote it).
absl::StatusOr<change::Event> DecodeChange(absl::string_view type, absl::string_view body);

// Folds the records of one stream, in order.
absl::StatusOr<change::Change> FoldChange(const std::vector<ledger::Record>& records);

// One sentence about a record of a change; nothing for any other. Tell knows it.
std::optional<std::string> TellChange(const ledger::Record& record);

}  // namespace jit::records
