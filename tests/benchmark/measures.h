// One function per figure. Each leaves the stand as it found it, apart from leases that end by
// themselves, and answers with an error when what it measures did not work.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "tests/benchmark/report.h"
#include "tests/benchmark/stand.h"

namespace jit::benchmark {

using Figures = absl::StatusOr<std::vector<Figure>>;

// Opens per second with 1, 8 and 32 callers, as a ratio to the kit's own function called directly
// with as many connections.
Figures MeasureOpens(Stand& stand);
// From request to open for a reader, as a ratio to that call plus one durable append.
Figures MeasureLatency(Stand& stand);
// From the deadline to the last session gone, with 200 live leases; then with hostile holders.
Figures MeasureDeadlines(Stand& stand);
// From exec to the first answer, with 1,000,000 events in the journal.
Figures MeasureStart(Stand& stand);
// What the guard costs: an application, with a lease open and without; the holder of a lease.
Figures MeasureGuards(Stand& stand);
// Rehearsing and applying a script as a ratio to running it bare; rows put back per second.
Figures MeasureChanges(Stand& stand);
// Resident memory, idle and with 2,000 open leases.
Figures MeasureMemory(Stand& stand);

}  // namespace jit::benchmark
