#include "tests/benchmark/direct.h"

#include "absl/time/clock.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {

absl::Status OpenDirectly(pq::Connection& connection, const std::string& system_identifier,
                          absl::Duration ttl) {
  pq::Parameters values;
  values.Text(system_identifier)
      .Text(RandomLogin())
      .Text("engineer")
      .TextArray({"app_reader"})
      .Integer(2)
      .Integer(absl::ToUnixMicros(absl::Now() + ttl))
      .Integer(900'000)
      .Integer(5'000)
      .Integer(60'000)
      .Boolean(pq::Parameters::Truth::kFalse)
      .Text(SharedVerifier().RevealForTarget());
  return connection
      .Run("select outcome from jit.open_login($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
           values, absl::Seconds(30))
      .status();
}

absl::StatusOr<std::string> SystemIdentifier(pq::Connection& connection) {
  auto rows = connection.Run("select system_identifier::text from pg_catalog.pg_control_system()",
                             absl::Seconds(5));
  if (!rows.ok()) return rows.status();
  return std::string(rows->Text(0, 0));
}

}  // namespace jit::benchmark
