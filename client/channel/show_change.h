// A guarded change on a screen, the same in every program.
//
// Promises: names and free text of others are escaped. Safe from any thread.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"
#include "client/console/printer.h"
#include "jit/v1/change.pb.h"

namespace jit::channel {

// "planned", "rolled_back", …; "unknown" for a state this program does not know.
std::string StateWord(v1::Change::State state);
// "script", "undo of change ID", …
std::string PurposeText(const v1::Change& change);

// What a command that waited for it returns: kOk once it is rehearsed as expected, approved or
// applied, kPending while something is waited for, kDenied, kRefused when it failed, missed what
// was expected, would take nothing back or was rolled back, kEnded.
console::ExitCode ExitCodeFor(const v1::Change& change);

// Whether it is an undo that would put nothing back: nothing is there, or what is there was changed
// since.
bool TakesNothingBack(const v1::Change& change);

// "second (reviewer or manager)"; empty when every seat is filled.
std::string OpenSeatsText(const v1::Change& change);

// "Rehearsing: statement 2 of 5; 1,204 rows", or what is waited for.
std::string ProgressText(const v1::Change& change);

// Everything about it: fields, reason, script, report, expectations, reviews, how it ended.
void PrintChange(const console::Sink& sink, const v1::Change& change, absl::Time now);

// What the rehearsal found alone, for the end of a plan.
void PrintRehearsal(const console::Sink& sink, const v1::Change& change);

// One row per change, for lists.
console::Table ChangeTable(const google::protobuf::RepeatedPtrField<v1::Change>& changes,
                           absl::Time now);

}  // namespace jit::channel
