#include "broker/use_cases/timekeeper.h"

#include <algorithm>

namespace jit::use_cases {
namespace {

constexpr absl::Duration kJump = absl::Minutes(1);      // what counts as a jump
constexpr absl::Duration kWatchFor = absl::Minutes(1);  // how long a jump unsettles

absl::Duration OffsetOf(const ports::Instant& instant) {
  return instant.wall - absl::UnixEpoch() - instant.since_boot;
}

}  // namespace

Timekeeper::Timekeeper(ports::Clock& clock, absl::Time not_before)
    : clock_(clock),
      not_before_(not_before),
      start_(clock.Now()),
      offset_(OffsetOf(start_)),
      settled_at_(absl::ZeroDuration()),
      last_jump_(absl::ZeroDuration()) {}

ports::Instant Timekeeper::Look() {
  const ports::Instant instant = clock_.Now();
  const absl::Duration jump = OffsetOf(instant) - offset_;
  if (jump > kJump || jump < -kJump) {
    last_jump_ = jump;
    offset_ = OffsetOf(instant);
    settled_at_ = instant.since_boot + kWatchFor;
  }
  return instant;
}

absl::Time Timekeeper::Now() {
  const sync::Lock lock(mutex_);
  const ports::Instant instant = Look();
  if (instant.wall >= not_before_) return instant.wall;
  return not_before_ + (instant.since_boot - start_.since_boot);
}

bool Timekeeper::Settled() {
  const sync::Lock lock(mutex_);
  const ports::Instant instant = Look();
  return instant.wall >= not_before_ && instant.since_boot >= settled_at_;
}

absl::Duration Timekeeper::LastJump() {
  const sync::Lock lock(mutex_);
  return last_jump_;
}

void Timekeeper::Watch(const core::LeaseId& lease, absl::Time expire_time) {
  const sync::Lock lock(mutex_);
  const ports::Instant instant = Look();
  boot_deadlines_.try_emplace(lease, instant.since_boot + (expire_time - instant.wall));
}

void Timekeeper::Forget(const core::LeaseId& lease) {
  const sync::Lock lock(mutex_);
  boot_deadlines_.erase(lease);
}

absl::Duration Timekeeper::UntilNextDeadline() {
  const sync::Lock lock(mutex_);
  const ports::Instant instant = Look();
  absl::Duration first = absl::InfiniteDuration();
  for (const auto& [lease, deadline] : boot_deadlines_) {
    if (deadline > instant.since_boot) first = std::min(first, deadline - instant.since_boot);
  }
  return first;
}

std::vector<core::LeaseId> Timekeeper::OverdueByBootClock() {
  const sync::Lock lock(mutex_);
  const ports::Instant instant = Look();
  std::vector<core::LeaseId> overdue;
  for (const auto& [lease, deadline] : boot_deadlines_) {
    if (instant.since_boot >= deadline) overdue.push_back(lease);
  }
  return overdue;
}

}  // namespace jit::use_cases
