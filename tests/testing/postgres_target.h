// A real target for tests: a private cluster with a small shop, the kit, and the adapter.
//
// Promises: the groups app_reader (reads public.orders) and app_writer (writes it) are allowed;
// app_secret exists and is not. Databases: shop, and whatever a test makes. Thread-compatible.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/host/system_clock.h"
#include "broker/target_postgres/target_postgres.h"
#include "tests/testing/private_postgres.h"

namespace jit::testing {

class PostgresTarget {
 public:
  static absl::StatusOr<std::unique_ptr<PostgresTarget>> Start(
      const PrivatePostgres::Options& options = {});

  PrivatePostgres& cluster() { return *cluster_; }
  target_postgres::TargetPostgres& target() { return *target_; }
  ports::Clock& clock() { return clock_; }
  std::string BrokerConninfo() const;

  // Another adapter for the same database, pinned to what is given.
  absl::StatusOr<std::unique_ptr<target_postgres::TargetPostgres>> Adapter(
      const std::string& conninfo, const std::optional<std::string>& system_identifier);

  // SQL as the superuser in the database shop; a failure is the test's.
  std::string Sql(absl::string_view sql) { return SqlIn("shop", sql); }
  std::string SqlIn(absl::string_view database, absl::string_view sql);

 private:
  PostgresTarget() = default;

  host::SystemClock clock_;
  std::unique_ptr<PrivatePostgres> cluster_;
  std::unique_ptr<target_postgres::TargetPostgres> target_;
};

}  // namespace jit::testing
