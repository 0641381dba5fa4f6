// Names as the simulation writes them.
#pragma once

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "broker/core/names.h"

namespace jit::simulation {

inline core::TargetName Target(const char* name) {
  return *core::TargetName::Parse(name);
}
inline core::RoleName Role(const char* name) {
  return *core::RoleName::Parse(name);
}
inline core::PersonId Person(const char* name) {
  return *core::PersonId::Parse(name);
}

inline core::IdempotencyId Key(std::uint64_t n) {
  return *core::IdempotencyId::Parse(absl::StrCat("simulated-", n));
}

}  // namespace jit::simulation
