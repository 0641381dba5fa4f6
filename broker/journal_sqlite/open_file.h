// Opens the journal's file, or makes it: permissions, lock, schema, and what must hold in it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/journal_sqlite/database.h"

namespace jit::journal_sqlite {

// The file is made with mode 0600 when it is not there; its folder must be. On success this process
// holds the file alone, until the database is closed. kNotFound (no such folder),
// kFailedPrecondition (another broker has it; not a journal; written by a newer program),
// kUnavailable, kDataLoss (damaged).
absl::StatusOr<std::unique_ptr<Database>> OpenFile(const std::string& path, const std::string& vfs);

// kFailedPrecondition unless the file says that it is a journal that this program understands.
absl::Status CheckKind(Database& database, const std::string& path);

}  // namespace jit::journal_sqlite
