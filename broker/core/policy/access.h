// What a role's access means to those who only ask whether it changes anything.
//
// Promises: pure; an access that is added has to be sorted in here before anything builds.
#pragma once

#include "broker/core/policy/rule.h"

namespace jit::policy {

// Whether the holder may change what is in the target. Who defines, writes: DDL destroys rows too.
constexpr bool Writes(Access access) {
  switch (access) {
    case Access::kReads:
      return false;
    case Access::kWrites:
    case Access::kDefines:
      break;
  }
  return true;
}

}  // namespace jit::policy
