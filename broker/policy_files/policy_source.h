// Keeps ports/policy_source.h with the files of one folder.
//
// Promises: the policy in force is always one whole policy that was without a mistake when it was
// read; a reload replaces it in one step or not at all. Nothing watches the folder: a reload is
// somebody's decision. Safe from any thread.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/ports/policy_source.h"
#include "broker/sync/mutex.h"

namespace jit::policy_files {

class FilePolicySource : public ports::PolicySource {
 public:
  // Reads `directory` for the first time. `ttl_floor` is kTtlFloor or kTtlFloorInDevelopment.
  // kInvalidArgument with every mistake, one per line as file:line:column: sentence.
  static absl::StatusOr<std::unique_ptr<FilePolicySource>> Create(std::string directory,
                                                                  absl::Duration ttl_floor);

  std::shared_ptr<const policy::Policy> Current() override;
  absl::Status Reload() override;

 private:
  FilePolicySource(std::string directory, absl::Duration ttl_floor)
      : directory_(std::move(directory)), ttl_floor_(ttl_floor) {}

  const std::string directory_;
  const absl::Duration ttl_floor_;
  sync::Mutex reloading_;  // two reloads at once would race for which reading comes to stand
  sync::Mutex mutex_;
  std::shared_ptr<const policy::Policy> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jit::policy_files
