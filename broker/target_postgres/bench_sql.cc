#include "broker/target_postgres/bench_sql.h"

#include "broker/target_postgres/bench_files.h"

namespace jit::target_postgres {

absl::string_view BenchSql(absl::string_view name) {
  for (const auto& [file, text] : kSqlFiles) {
    if (name == file) return text;
  }
  return "";
}

}  // namespace jit::target_postgres
