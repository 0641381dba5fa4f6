// From a planned or applied change to what became of it, waited for on a live line.
//
// Promises: the caller knows the id before anything is waited for. Ctrl-C leaves a rehearsal alone
// and stops only the waiting; during an execution it asks the broker to cancel, and what happened
// is still waited for and said. A broker that is away for less than five minutes is waited for.
// Thread-compatible.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/channel/broker.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"
#include "jit/v1/change.pb.h"

namespace jit::access {

// The change once it is neither planned nor applying, or as it stood when the waiting was stopped.
absl::StatusOr<v1::Change> FollowChange(v1::Change change, console::Console& console,
                                        channel::Broker& broker);

// Text: the id first, as soon as there is one. JSON prints one object at the end only.
void ShowPlanned(const v1::Change& change, console::Output output, console::Console& console);

// Follows a planned change and shows its rehearsal and what to type next.
console::ExitCode ShowRehearsed(v1::Change change, console::Output output,
                                console::Console& console, channel::Broker& broker);

// Submits a rehearsed one. The change after it.
absl::StatusOr<v1::Change> Submit(const std::string& change_id, channel::Broker& broker);

// Applies an approved one and follows it to its end.
absl::StatusOr<v1::Change> ApplyAndFollow(const std::string& change_id, console::Console& console,
                                          channel::Broker& broker);

// Shows an undo's rehearsal; goes on to submit it and, when no seat is demanded, to apply it.
enum class UndoStop { kAfterPlan, kNever };
console::ExitCode GoThroughWithUndo(v1::Change change, UndoStop stop, console::Output output,
                                    console::Console& console, channel::Broker& broker);

// The change as JSON, or "ID is STATE" with what it did; then what to type next. Its exit code.
console::ExitCode ShowOutcome(const v1::Change& change, console::Output output,
                              console::Console& console);

// What to type next, on `err`.
void TellNext(const v1::Change& change, console::Console& console);

// "refuse", "skip" or "overwrite".
v1::ChangeSubject::OnConflict OnConflictOf(const std::string& word);

// Explains why a call that plans something failed.
console::ExitCode ExplainPlanning(const absl::Status& status, console::Console& console);

}  // namespace jit::access
