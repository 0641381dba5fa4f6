// A copy of the embedded store (SQLite): the records' exact bytes and the signed notes in it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/audit/journal_source.h"

namespace jit::audit {

absl::StatusOr<std::unique_ptr<JournalSource>> OpenStoreCopy(const std::string& path);

}  // namespace jit::audit
