// An exported journal: one record on each line, the signed note in FILE.checkpoint beside it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/audit/journal_source.h"

namespace jit::audit {

absl::StatusOr<std::unique_ptr<JournalSource>> OpenLineFile(const std::string& path);

}  // namespace jit::audit
