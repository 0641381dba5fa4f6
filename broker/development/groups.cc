#include "broker/development/groups.h"

#include <memory>

#include "broker/development/sql_files.h"
#include "broker/pq/connection.h"

namespace jit::development {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(60);

}  // namespace

absl::Status MakeGroups(const std::string& administrator) {
  const absl::StatusOr<std::unique_ptr<pq::Connection>> connection =
      pq::Connection::Open(administrator, {.statement_timeout = kDeadline});
  if (!connection.ok()) {
    return connection.status();
  }
  for (const auto& [name, text] : kSqlFiles) {
    if (absl::Status done = (*connection)->RunScript(text, kDeadline); !done.ok()) {
      return done;
    }
  }
  return absl::OkStatus();
}

}  // namespace jit::development
