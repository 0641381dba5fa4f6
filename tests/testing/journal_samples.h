// Appends that tests of journals are made of.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "broker/ports/journal.h"

namespace jit::testing {

// The nth lease of a test, the same on every run.
core::LeaseId LeaseNumber(int n);
absl::Time SecondNumber(int n);

// One record of {"n":n} to `stream`, which is expected to stand at `expected_version`.
ports::Append OneRecord(const std::string& stream, std::int64_t expected_version, int n = 0);

// The same for the stream of lease n, with a summary of it in `state`, asked for by `requester` at
// second n.
ports::Append OneLease(int n, const std::string& requester, lease::State state,
                       std::int64_t expected_version = 0);

// The nth change of a test, and a record to its stream with a summary of it, as with leases.
core::ChangeId ChangeNumber(int n);
ports::Append OneChange(int n, const std::string& requester, change::State state,
                        std::int64_t expected_version = 0);

}  // namespace jit::testing
