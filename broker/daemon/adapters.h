// The outside of a broker, opened as its boot file says: the journal, the targets.
//
// Every function reads the secrets it needs from their files and keeps none of them.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/daemon/config.h"
#include "broker/ledger/checkpoint.h"
#include "broker/ports/bench.h"
#include "broker/ports/clock.h"
#include "broker/ports/journal.h"
#include "broker/ports/target.h"

namespace jit::daemon {

// The key that signs checkpoints. Errors name the file.
absl::StatusOr<ledger::CheckpointSigner> ReadSigner(const Config& config);

// Opens the journal's file, made when it is missing, and locks it against other brokers.
absl::StatusOr<std::unique_ptr<ports::Journal>> OpenJournal(const Config& config);

// libpq's keyword string for the broker's own login, with its password when there is one.
absl::StatusOr<std::string> ConninfoOf(const TargetConfig& config);

// Makes ready to talk to a target; does not need it to be there. `clock` outlives it.
absl::StatusOr<std::unique_ptr<ports::Target>> MakeTarget(const TargetConfig& config,
                                                          ports::Clock& clock);
// The same for where changes run.
absl::StatusOr<std::unique_ptr<ports::Bench>> MakeBench(const TargetConfig& config,
                                                        ports::Clock& clock);

}  // namespace jit::daemon
