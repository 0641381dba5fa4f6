#include "broker/policy_files/policy_source.h"

#include <utility>

#include "broker/policy_files/read_directory.h"

namespace jit::policy_files {

absl::StatusOr<std::unique_ptr<FilePolicySource>> FilePolicySource::Create(
    std::string directory, absl::Duration ttl_floor) {
  std::unique_ptr<FilePolicySource> source(new FilePolicySource(std::move(directory), ttl_floor));
  if (absl::Status status = source->Reload(); !status.ok()) return status;
  return source;
}

std::shared_ptr<const policy::Policy> FilePolicySource::Current() {
  const sync::Lock lock(mutex_);
  return current_;
}

absl::Status FilePolicySource::Reload() {
  const sync::Lock one_at_a_time(reloading_);
  LoadedPolicy loaded = LoadPolicy(directory_, ttl_floor_);
  if (!loaded.parsed.policy) return StatusOf(loaded.parsed.mistakes);
  auto fresh = std::make_shared<const policy::Policy>(*std::move(loaded.parsed.policy));
  const sync::Lock lock(mutex_);
  current_ = std::move(fresh);
  return absl::OkStatus();
}

}  // namespace jit::policy_files
