// Keeps ports/bench.h on a real PostgreSQL, through the kit installed there.
//
// Promises: what a change does it does as its own login; the broker's login guards, permits and
// looks, and runs nothing of a script. Every connection of the broker has proved that it leads to
// the pinned cluster. Safe from any thread. Reads no clock but the one it is given.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/ports/bench.h"
#include "broker/ports/clock.h"
#include "broker/sync/mutex.h"
#include "broker/target_postgres/connection_pool.h"
#include "broker/target_postgres/target_postgres.h"

namespace jit::target_postgres {

class PostgresBench : public ports::Bench {
 public:
  // The options of the target's own adapter. Connects to nothing yet. `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<PostgresBench>> Create(const TargetOptions& options,
                                                               ports::Clock& clock);

  absl::Status Prepare(const ports::Preparation& preparation) override;
  absl::StatusOr<ports::RunOutcome> Run(const ports::RunOrder& order,
                                        ports::RunWatcher& watcher) override;
  absl::StatusOr<ports::ExecutionState> Look(const core::ChangeId& change) override;
  absl::StatusOr<std::string> SchemaFingerprint() override;
  absl::StatusOr<std::vector<ports::RowChange>> RowChanges(const core::LoginName& login,
                                                           std::int64_t after, int limit) override;
  absl::StatusOr<std::vector<change::Sample>> RowsOf(const core::LoginName& login,
                                                     std::int64_t sequence, int limit,
                                                     const std::set<std::string>& masked) override;
  absl::StatusOr<std::vector<ports::Kept>> KeptBy(const core::ChangeId& change) override;
  absl::StatusOr<std::int64_t> ForgetImages(absl::Time before) override;

 private:
  PostgresBench(TargetOptions options, ports::Clock& clock);

  absl::StatusOr<std::unique_ptr<pq::Connection>> Dial();
  absl::Status CheckPin(const std::string& system_identifier);
  absl::Status Permit(pq::Connection& connection, const ports::Preparation& preparation);
  absl::StatusOr<pq::Result> Ask(absl::string_view sql, const pq::Parameters& parameters);
  // What the broker does for a run before its login may come: answers the system identifier.
  absl::StatusOr<std::string> MakeReady(const ports::RunOrder& order, std::string& restore_point);
  absl::StatusOr<std::unique_ptr<pq::Connection>> LogIn(const ports::RunOrder& order) const;

  const TargetOptions options_;
  ports::Clock& clock_;
  ConnectionPool pool_;

  sync::Mutex mutex_;
  std::optional<std::string> pinned_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jit::target_postgres
