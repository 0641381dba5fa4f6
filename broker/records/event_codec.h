// How an event of any kind becomes the body of a record and is read back; what the fields are is
// said by lease_events.cc and change_events.cc.
//
// Promises: what is encoded decodes to the same event, or is not encoded; Mismatch never leaves
// here. Knows no event. Pure; safe from any thread.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/canonical_json.h"
#include "broker/records/fields.h"

namespace jit::records {

struct EncodedEvent {
  std::string type;  // "lease.asked.v1"
  std::string body;  // canonical JSON
};

// Who reads the body of each type.
template <class Event>
using BodyReaders = std::map<std::string, Event (*)(Fields&)>;

// kDataLoss when the body is not what the type promises; kUnimplemented for a type without reader.
template <class Event>
absl::StatusOr<Event> DecodeWith(const BodyReaders<Event>& readers, absl::string_view type,
                                 absl::string_view body) {
  const auto reader = readers.find(std::string(type));
  if (reader == readers.end()) {
    return absl::UnimplementedError(
        "a record is of a type or version that this program does not know");
  }
  const absl::StatusOr<ledger::Json> json = ledger::ParseCanonical(body);
  if (!json.ok()) {
    return absl::DataLossError(
        absl::StrCat("the body of a ", reader->first, " is ", json.status().message()));
  }
  try {
    Fields fields(*json);
    Event event = reader->second(fields);
    fields.Finish();
    return event;
  } catch (const Mismatch& mismatch) {
    return absl::DataLossError(
        absl::StrCat("the body of a ", reader->first, " is not as promised: ", mismatch.what()));
  }
}

// `type_of` and `body_of` have an overload per event. kInvalidArgument when something would be
// lost.
template <class Event, class TypeOf, class BodyOf>
absl::StatusOr<EncodedEvent> EncodeWith(const BodyReaders<Event>& readers, const TypeOf& type_of,
                                        const BodyOf& body_of, const Event& event) {
  EncodedEvent encoded{std::string(std::visit(type_of, event)), ""};
  try {
    absl::StatusOr<std::string> body = ledger::CanonicalBytes(std::visit(body_of, event));
    if (!body.ok()) {
      return body.status();
    }
    encoded.body = *std::move(body);
  } catch (const Mismatch& mismatch) {
    return absl::InvalidArgumentError(mismatch.what());
  }
  // Read back before it is kept: a fraction of a second, say, would be lost without a word.
  const absl::StatusOr<Event> again = DecodeWith(readers, encoded.type, encoded.body);
  if (!again.ok() || *again != event) {
    return absl::InvalidArgumentError(
        absl::StrCat("an event cannot be kept as ", encoded.type, " without losing something"));
  }
  return encoded;
}

}  // namespace jit::records
