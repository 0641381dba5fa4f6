// What the three commands have in common: opening FILE, going through it, saying why not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/record.h"
#include "client/audit/commands.h"
#include "client/audit/journal_source.h"

namespace jit::audit {

// Reads every line with progress on err; kCancelled when somebody pressed Ctrl-C.
absl::Status ReadWithProgress(JournalSource& source, absl::string_view verb,
                              console::Console& console, const JournalSource::Each& each);

// The records of FILE that were asked for with --lease and --change, or all of them. Lines that are
// no records are told on err, and passed over.
using EachRecord =
    std::function<absl::Status(const ledger::Record& record, absl::string_view line)>;
absl::Status ReadRecords(const Typed& typed, console::Console& console, const EachRecord& each);

// Says on err why a file cannot be used; answers kUnreadable.
console::ExitCode SayUnreadable(const absl::Status& status, console::Console& console);

}  // namespace jit::audit
