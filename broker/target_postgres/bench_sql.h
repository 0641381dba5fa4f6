// The statements of the bench, by the names of their files.
//
// Promises: the text of bench/<name>.sql; empty when there is no such file. Safe from any thread.
#pragma once

#include "absl/strings/string_view.h"

namespace jit::target_postgres {

absl::string_view BenchSql(absl::string_view name);

}  // namespace jit::target_postgres
