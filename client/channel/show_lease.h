// A lease on a screen and as JSON, the same in every program.
//
// Promises: names and free text of others are escaped in text, and ASCII-escaped by the printer in
// JSON; a key is always there, null when there is nothing. Keys are listed in
// docs/reference/cli.md. Safe from any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/time.h"
#include "client/console/exit_code.h"
#include "client/console/printer.h"
#include "jit/v1/lease.pb.h"

namespace jit::channel {

// "requested", "open", …; "unknown" for a state this program does not know.
std::string StateWord(v1::Lease::State state);

// kOk for open, kPending while it may still open, kDenied, kFault when the target failed to open
// it, kEnded.
console::ExitCode ExitCodeFor(const v1::Lease& lease);

// "waits for reviewers: second (reviewer or manager)"; empty when every seat is filled.
std::string OpenSeatsText(const v1::Lease& lease);

// "second: reviewer", "second: open, could be filled by a, b", one per seat.
std::vector<std::string> SeatLines(const google::protobuf::RepeatedPtrField<v1::Seat>& seats);

// Everything about it, the reason last.
console::Fields LeaseFields(const v1::Lease& lease, absl::Time now);

nlohmann::json LeaseJson(const v1::Lease& lease);
nlohmann::json SeatsJson(const google::protobuf::RepeatedPtrField<v1::Seat>& seats);
nlohmann::json TimeJson(const google::protobuf::Timestamp& time);  // RFC 3339 UTC

// One row per lease: ID STATE WHO ROLE TARGET WHEN REASON, for lists.
console::Table LeaseTable(const google::protobuf::RepeatedPtrField<v1::Lease>& leases,
                          absl::Time now);

}  // namespace jit::channel
